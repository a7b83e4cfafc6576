import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { randomNumbers, range } from '../../shared/testing/tables.ts';
import { arrayColumn, wholeColumn } from './column.ts';
import { sortRows } from './sort-rows.ts';
import { createSpill, type Spill } from './spill.ts';

let folder = '';
let spill: Spill;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flts-sort-'));
  spill = createSpill(folder);
});
afterEach(async () => {
  spill.close();
  await rm(folder, { recursive: true, force: true });
});

describe('sortRows', () => {
  it.each([
    ['in one run', 1 << 20],
    ['in a few runs', 20_000],
    ['in runs of two rows', 1],
  ])('puts rows in time order, those of one time as they came, %s', (_, runBytes) => {
    const random = randomNumbers(runBytes);
    const ts = Float64Array.from(range(3000), () => Math.floor(random() * 1000) - 500);
    const rows = { ts: arrayColumn(ts), values: { row: arrayColumn(Float64Array.from(ts.keys())) } };
    const sorted = sortRows(spill, rows, runBytes);

    const order = range(3000).toSorted((a, b) => (ts[a] ?? 0) - (ts[b] ?? 0) || a - b);
    expect(wholeColumn(sorted.ts)).toEqual(ts.toSorted());
    expect([...wholeColumn(sorted.values['row'] ?? sorted.ts)]).toEqual(order);
  });

  it('sorts no rows', () => {
    const rows = { ts: arrayColumn(new Float64Array()), values: {} };

    expect(sortRows(spill, rows).ts.length).toBe(0);
  });
});
