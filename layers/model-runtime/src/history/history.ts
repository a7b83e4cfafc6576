import type { Columns, History, Roles } from '../types.ts';

const lagName = (target: string, rows: number): string => `${target}_lag_${rows}`;
const meanName = (target: string, rows: number): string => `${target}_mean_${rows}`;

/** Rows before a row that its derived columns look back on; 0 where there are none. */
export function historyRows(history: History | undefined): number {
  return Math.max(0, ...(history?.lags ?? []), ...(history?.means ?? []).map((rows) => rows - 1));
}

/** Names of the columns derived from the targets: target by target, lags before means. */
export function historyNames(targets: readonly string[], history: History | undefined): string[] {
  return targets.flatMap((target) => [
    ...(history?.lags ?? []).map((rows) => lagName(target, rows)),
    ...(history?.means ?? []).map((rows) => meanName(target, rows)),
  ]);
}

/** Columns that rows from outside bring: all inputs but those derived from the calendar and from the targets. */
export function givenNames({
  roles: { targets, past, future },
  calendar,
  history,
}: {
  readonly roles: Roles;
  readonly calendar: { readonly features: readonly string[] };
  readonly history?: History | undefined;
}): string[] {
  const derived = new Set([...calendar.features, ...historyNames(targets, history)]);
  return [...targets, ...past, ...future].filter((name) => !derived.has(name));
}

export interface HistoryOf {
  readonly targets: readonly string[];
  readonly history: History | undefined;
  /** Of every row; default: all rows follow each other. */
  readonly block?: Int32Array;
  /** The first row that is wanted; default 0. */
  readonly from?: number;
}

/**
 * The columns derived from the targets' values, for the rows from `from` on: values of rows before, and means of the rows
 * up to and including each. Nothing is taken from another block: rows that have too few before them in theirs take its
 * first value for those that are missing there, and the mean of what there is.
 */
export function historyColumns(
  columns: Columns,
  { targets, history, block, from = 0 }: HistoryOf,
): Record<string, Float64Array> {
  const derived: Record<string, Float64Array> = {};
  for (const target of history === undefined ? [] : targets) {
    const values = columns[target] ?? new Float64Array();
    const firsts = firstsOf(block, values.length);
    for (const rows of history?.lags ?? [])
      derived[lagName(target, rows)] = eachFrom(from, values, (row) => {
        return values[Math.max(row - rows, firsts(row))] ?? Number.NaN;
      });
    for (const rows of history?.means ?? [])
      derived[meanName(target, rows)] = eachFrom(from, values, (row) =>
        meanOf(values, Math.max(row - rows + 1, firsts(row)), row + 1),
      );
  }
  return derived;
}

function eachFrom(from: number, { length }: Float64Array, make: (row: number) => number): Float64Array {
  const made = new Float64Array(Math.max(0, length - from));
  for (let row = from; row < length; row += 1) made[row - from] = make(row);
  return made;
}

/** The first row of the block that a row is in. */
function firstsOf(block: Int32Array | undefined, rows: number): (row: number) => number {
  if (block === undefined) return () => 0;
  const firsts = new Int32Array(rows);
  for (let row = 1; row < rows; row += 1)
    firsts[row] = block[row] === block[row - 1] ? (firsts[row - 1] ?? 0) : row;
  return (row) => firsts[row] ?? 0;
}

/** Summed in the order of rows, and anew for each: the same bits wherever the rows begin. */
function meanOf(values: Float64Array, start: number, end: number): number {
  let sum = 0;
  for (let row = start; row < end; row += 1) sum += values[row] ?? Number.NaN;
  return sum / (end - start);
}
