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
export function asTheyCome(table: Pick<SourceTable, 'ts' | 'values'>): GridRows {
  return { ts: table.ts, values: table.values, inserted: new Uint8Array(table.ts.length) };
}

export interface GridRules {
  readonly frequency: Frequency;
  /** How many rows may be inserted. */
  readonly most: number;
  /** For errors. */
  readonly place: string;
}

/**
 * Inserts the rows that are missing between two rows of one grid. A row off the grid of the one before it stays
 * where it is; nothing is inserted before it, and it begins a grid of its own.
 * @throws DataError frequency_unknown where more than `most` rows would be inserted
 */
export function insertMissingRows(table: Pick<SourceTable, 'ts' | 'values'>, rules: GridRules): GridRows {
  const [only] = fillGaps([table], { ...rules, pieceRows: Number.POSITIVE_INFINITY });
  return only ?? asTheyCome(table);
}

/**
 * The same for rows that come in pieces, each after the one before: pieces of up to `pieceRows` rows, or few more, of
 * the grid. Remembers the last row's time and counts what was inserted.
 */
export function* fillGaps(
  pieces: Iterable<Pick<SourceTable, 'ts' | 'values'>>,
  { frequency, most, place, pieceRows }: GridRules & { readonly pieceRows: number },
): Generator<GridRows> {
  let before: number | undefined;
  let inserted = 0;
  for (const { ts: times, values } of pieces) {
    const plan = createPlan();
    for (let row = 0; row < times.length; row += 1) {
      const at = times[row] ?? 0;
      const steps = before === undefined ? undefined : stepsBetween(before, at, frequency);
      if (before !== undefined && steps !== undefined && steps > 1) {
        inserted += steps - 1;
        if (inserted > most) throw gapTooLong(before, at, most, place);
        for (let left = steps - 1; left > 0;) {
          const next = nextTimestamps(before, frequency, Math.min(left, pieceRows));
          for (const gap of next) plan.add(gap, -1);
          before = next.at(-1) ?? before;
          left -= next.length;
          if (plan.rows() >= pieceRows) yield plan.take(values);
        }
      }
      plan.add(at, row);
      before = at;
      if (plan.rows() >= pieceRows) yield plan.take(values);
    }
    if (plan.rows() > 0) yield plan.take(values);
  }
}

/** Which rows of a piece make the next rows of the grid; -1 is none. */
function createPlan() {
  let ts: number[] = [];
  let source: number[] = [];
  return {
    rows: (): number => ts.length,
    add: (at: number, row: number): void => {
      ts.push(at);
      source.push(row);
    },
    take: (values: Columns): GridRows => {
      // Typed arrays are made many times as fast from a list itself as by asking its iterator.
      const rows = new Int32Array(source);
      const inserted = new Uint8Array(rows.length);
      for (let row = 0; row < rows.length; row += 1) inserted[row] = (rows[row] ?? 0) < 0 ? 1 : 0;
      const taken = {
        ts: new Float64Array(ts),
        values: mapColumns(values, (column) => gather(column, rows)),
        inserted,
      };
      [ts, source] = [[], []];
      return taken;
    },
  };
}

function gapTooLong(from: number, to: number, most: number, place: string): DataError {
  return new DataError(
    'frequency_unknown',
    `expected gaps in ${place} that at most ${most} rows fill, as many as there are, got ${describeMs(to - from)} between ` +
      `${isoTime(from)} and ${isoTime(to)}; set FREQUENCY=…, FREQUENCY=… with REGULARISE=resample, or REGULARISE=off`,
  );
}

/** A gap of rows that are taken as they come: more than this many times the usual step. */
const GAP = 1.5;

export interface BlockRules {
  readonly frequency: Frequency;
  readonly strict: boolean;
}

/**
 * Numbers the blocks: rows of one block follow each other. `strict`: each exactly one step after the one before;
 * else a step is anything up to half as much again. `breaks` has 1 for rows that begin a block in any case.
 */
export function numberBlocks(
  ts: Float64Array,
  { breaks, ...rules }: BlockRules & { readonly breaks: Uint8Array },
): Int32Array {
  return createBlockNumbers(rules)(ts, breaks);
}

/** The same for rows that come in pieces, each after the one before. Remembers the last row's time and block. */
export function createBlockNumbers({
  frequency,
  strict,
}: BlockRules): (ts: Float64Array, breaks?: Uint8Array) => Int32Array {
  let before: number | undefined;
  let block = 0;
  return (ts, breaks) => {
    const blocks = new Int32Array(ts.length);
    for (let row = 0; row < ts.length; row += 1) {
      const at = ts[row] ?? 0;
      const follows =
        before === undefined ||
        (breaks?.[row] !== 1 &&
          (stepsBetween(before, at, frequency) === 1 || (!strict && at - before <= GAP * frequency.stepMs)));
      before = at;
      if (!follows) block += 1;
      blocks[row] = block;
    }
    return blocks;
  };
}
