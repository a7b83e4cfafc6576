import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { randomNumbers, range } from '../../shared/testing/tables.ts';
import { columnAt } from './column-place.ts';
import { wholeColumn } from './column.ts';
import { createSpill, type Spill } from './spill.ts';

let folder = '';
let spill: Spill;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flts-spill-'));
  spill = createSpill(folder);
});
afterEach(async () => {
  spill.close();
  await rm(folder, { recursive: true, force: true });
});

/** Of row and column. */
const cell = (row: number, column: number): number => (row % 5 === 3 ? NaN : row * 10 + column + 0.5);

describe('a table on disk', () => {
  it.each([
    [3, 100_000],
    [40, 40_000],
    [700, 1500],
  ])('of %i columns holds %i rows, however they come and are read', (columns, rows) => {
    const random = randomNumbers(columns);
    const table = spill.table(columns);
    for (let start = 0; start < rows;) {
      const end = Math.min(rows, start + Math.floor(random() * 20_000));
      const added = Float64Array.from(range(end - start), (row) => start + row);
      table.append(range(columns).map((column) => added.map((row) => cell(row, column))));
      start = end;
    }

    expect(table.rows).toBe(rows);
    for (const index of [0, Math.floor(columns / 2), columns - 1]) {
      const column = table.column(index);
      const expected = Float64Array.from(range(rows), (row) => cell(row, index));
      expect(wholeColumn(column)).toEqual(expected);
      const [start, end] = [Math.floor(random() * rows), Math.floor(random() * rows)].toSorted(
        (a, b) => a - b,
      );
      expect(column.read(start ?? 0, end ?? 0)).toEqual(expected.slice(start, end));
    }
  });

  it('goes on growing after it has been read', () => {
    const table = spill.table(1);
    const column = table.column(0);
    table.append([Float64Array.of(1, 2)]);
    expect(wholeColumn(column)).toEqual(Float64Array.of(1, 2));
    table.append([Float64Array.of(3)]);
    expect(wholeColumn(column)).toEqual(Float64Array.of(1, 2, 3));
  });

  it('is read alike while a block of it is on its way, and once it has been written', async () => {
    const rows = 100_000;
    const table = spill.table(2);
    const columns = range(2).map((column) => Float64Array.from(range(rows), (row) => cell(row, column)));
    const read = () => range(2).map((column) => wholeColumn(table.column(column)));
    for (let start = 0; start < rows; start += 10_000) {
      table.append(columns.map((values) => values.subarray(start, start + 10_000)));
      expect(wholeColumn(table.column(0))).toEqual(columns[0]?.subarray(0, start + 10_000));
      // Others read where `place` says that it lies.
      const place = table.column(1).place?.();
      expect(place && wholeColumn(columnAt(place))).toEqual(columns[1]?.subarray(0, start + 10_000));
      if (start % 20_000 === 0) await setImmediate();
    }

    expect(read()).toEqual(columns);
    await setImmediate();
    expect(read()).toEqual(columns);
  });

  it('has no name, so that nothing is left of it whatever ends the process', async () => {
    const table = spill.table(2);
    table.append([new Float64Array(1_000_000), new Float64Array(1_000_000)]);

    expect(await readdir(folder)).toEqual([]);
    table.close();
    expect(() => table.column(0).read(0, 10)).toThrow('EBADF');
  });
});
