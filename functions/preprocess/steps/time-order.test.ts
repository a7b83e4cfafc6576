import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import * as arrays from '../../shared/dataset/source-table.ts';
import { randomNumbers, range, tableOf } from '../../shared/testing/tables.ts';
import { arrayColumn, wholeColumn } from '../columns/column.ts';
import { storeRows } from '../columns/row-table.ts';
import { createSpill, type Spill } from '../columns/spill.ts';
import { inTimeOrder, repeatedTime } from './time-order.ts';

let folder = '';
let spill: Spill;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flts-order-'));
  spill = createSpill(folder);
});
afterEach(async () => {
  spill.close();
  await rm(folder, { recursive: true, force: true });
});

const ROWS = 40_000;
const random = randomNumbers(5);
const values = { a: range(ROWS).map(() => (random() < 0.2 ? NaN : random())), b: range(ROWS) };
/** Times by row: in order, each once; in order, runs of one time across pieces; in no order. */
const TIMES: readonly [string, (row: number) => number][] = [
  ['in order', (row) => row * 1000],
  ['in order, many alike', (row) => (row < 20_000 ? 7 : Math.floor(row / 3))],
  ['in no order, many alike', (row) => (row * 7919) % 15_013],
  ['backwards', (row) => -row],
];

describe('inTimeOrder', () => {
  it.each(
    TIMES.flatMap(([name, at]) => (['last', 'mean'] as const).map((rule) => [name, rule, at] as const)),
  )('makes of rows %s, by the rule %s, what it makes of arrays', (_name, rule, at) => {
    const ts = Float64Array.from(range(ROWS), at);
    const { table, append } = storeRows(spill, ['a', 'b']);
    append(tableOf(ts, values));
    const ordered = inTimeOrder(spill, table, rule);

    const expected = arrays.inTimeOrder(tableOf(ts, values), rule);
    expect(ordered.duplicates).toBe(expected.duplicates);
    expect(wholeColumn(ordered.table.ts)).toEqual(expected.ts);
    for (const name of ['a', 'b'])
      expect(wholeColumn(ordered.table.values[name] ?? ordered.table.ts)).toEqual(expected.values[name]);
  });
});

describe('repeatedTime', () => {
  it.each(TIMES)('finds in rows %s what repeatedRow finds', (_, at) => {
    const ts = Float64Array.from(range(ROWS), at);

    expect(repeatedTime(spill, arrayColumn(ts))).toEqual(arrays.repeatedRow(ts));
  });
});
