import { nextTimestamps, type Columns, type Frequency } from '@flts/model-runtime';
import { DataError } from '../errors.ts';
import { gather, mapColumns, type SourceTable } from './source-table.ts';
import { describeMs, isoTime, stepsBetween } from './spacing.ts';

/** Rows of the grid. */
export interface GridRows {
  readonly ts: Float64Array;
  /** NaN where the cell was missing or the row was inserted. */
  readonly values: Columns;
  /** 1 for rows that the source does not have. */
  readonly inserted: Uint8Array;
}

/** Rows taken as they come. */
export function asTheyCome(table: SourceTable): GridRows {
  return { ts: table.ts, values: table.values, inserted: new Uint8Array(table.ts.length) };
}

/**
 * Inserts the rows that are missing between two rows of one grid. A row off the grid of the one before it stays
 * where it is; nothing is inserted before it, and it begins a grid of its own.
 * @throws DataError frequency_unknown where more than `most` rows would be inserted
 */
export function insertMissingRows(
  table: SourceTable,
  { frequency, most, place }: { frequency: Frequency; most: number; place: string },
): GridRows {
  const ts: number[] = [];
  const source: number[] = [];
  for (const [row, at] of table.ts.entries()) {
    const before = table.ts[row - 1];
    const steps = before === undefined ? undefined : stepsBetween(before, at, frequency);
    if (before !== undefined && steps !== undefined && steps > 1) {
      if (ts.length - row + steps - 1 > most) throw gapTooLong(before, at, most, place);
      for (const gap of nextTimestamps(before, frequency, steps - 1)) {
        ts.push(gap);
        source.push(-1);
      }
    }
    ts.push(at);
    source.push(row);
  }
  const rows = Int32Array.from(source);
  return {
    ts: Float64Array.from(ts),
    values: mapColumns(table.values, (values) => gather(values, rows)),
    inserted: Uint8Array.from(rows, (row) => (row < 0 ? 1 : 0)),
  };
}

function gapTooLong(from: number, to: number, most: number, place: string): DataError {
  return new DataError(
    'frequency_unknown',
    `expected gaps in ${place} that at most ${most} rows fill, as many as there are, got ${describeMs(to - from)} between ` +
      `${isoTime(from)} and ${isoTime(to)}; set FREQUENCY=…, FREQUENCY=… with REGULARISE=resample, or REGULARISE=off`,
  );
}

/** `second` after `first`; both have the same columns. */
export function joinRows(first: GridRows, second: GridRows): GridRows {
  const inserted = new Uint8Array(first.ts.length + second.ts.length);
  inserted.set(first.inserted);
  inserted.set(second.inserted, first.inserted.length);
  return {
    ts: concatenate(first.ts, second.ts),
    values: mapColumns(first.values, (values, name) =>
      concatenate(values, second.values[name] ?? new Float64Array(second.ts.length).fill(NaN)),
    ),
    inserted,
  };
}

function concatenate(first: Float64Array, second: Float64Array): Float64Array {
  const joined = new Float64Array(first.length + second.length);
  joined.set(first);
  joined.set(second, first.length);
  return joined;
}

/** A gap of rows that are taken as they come: more than this many times the usual step. */
const GAP = 1.5;

/**
 * Numbers the blocks: rows of one block follow each other. `strict`: each exactly one step after the one before;
 * else a step is anything up to half as much again. `breaks` has 1 for rows that begin a block in any case.
 */
export function numberBlocks(
  ts: Float64Array,
  { frequency, strict, breaks }: { frequency: Frequency; strict: boolean; breaks: Uint8Array },
): Int32Array {
  const block = new Int32Array(ts.length);
  for (let row = 1; row < ts.length; row += 1) {
    const [before, at] = [ts[row - 1] ?? 0, ts[row] ?? 0];
    const follows =
      stepsBetween(before, at, frequency) === 1 || (!strict && at - before <= GAP * frequency.stepMs);
    block[row] = (block[row - 1] ?? 0) + (follows && breaks[row] !== 1 ? 0 : 1);
  }
  return block;
}
