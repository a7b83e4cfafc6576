import { compensatedSum } from '@flts/model-runtime';
import type { ResampleMethod } from './rules.ts';
import { mapColumns, type SourceTable } from './source-table.ts';
import { DAY_MS } from './spacing.ts';

export interface Resampling {
  /** Length of an interval. */
  readonly stepMs: number;
  /** By column. */
  readonly methods: Readonly<Record<string, ResampleMethod>>;
}

/** Monday, 29 December 1969: weeks begin on Mondays, and shorter intervals with the day (UTC). */
const ORIGIN = -3 * DAY_MS;

/**
 * One row for each interval that holds any, with the time of its end, which belongs to it: a row knows nothing that
 * came after it. The last interval is left out where the rows end before it does, since later ones would change it;
 * `fromStart: false` leaves out the first as well where a column is summed, since rows before the first may be missing.
 * A column's cell is missing where all its cells are.
 */
export function resampleRows(
  table: SourceTable,
  { stepMs, methods }: Resampling,
  { fromStart }: { readonly fromStart: boolean },
): SourceTable {
  const starts = intervalStarts(table.ts, stepMs);
  const sums = Object.values(methods).includes('sum');
  const from = sums && !fromStart ? 1 : 0;
  const lastEnd = endOf(table.ts.at(-1) ?? 0, stepMs);
  const to = lastEnd === table.ts.at(-1) ? starts.length : starts.length - 1;
  const whole = starts.slice(from, Math.max(from, to));
  const next = (index: number): number => starts[from + index + 1] ?? table.ts.length;
  return {
    ...table,
    ts: Float64Array.from(whole, (start) => endOf(table.ts[start] ?? 0, stepMs)),
    values: mapColumns(table.values, (values, name) =>
      Float64Array.from(whole, (start, index) =>
        combine(values.subarray(start, next(index)), methods[name] ?? 'mean'),
      ),
    ),
  };
}

function endOf(at: number, stepMs: number): number {
  return Math.ceil((at - ORIGIN) / stepMs) * stepMs + ORIGIN;
}

/** The first row of each interval. */
function intervalStarts(ts: Float64Array, stepMs: number): number[] {
  const starts: number[] = [];
  let end = Number.NEGATIVE_INFINITY;
  for (const [row, at] of ts.entries()) {
    if (at <= end) continue;
    end = endOf(at, stepMs);
    starts.push(row);
  }
  return starts;
}

function combine(values: Float64Array, method: ResampleMethod): number {
  const known = values.filter((value) => !Number.isNaN(value));
  if (known.length < 2 || method === 'last') return known.at(-1) ?? NaN;
  const sum = compensatedSum(known);
  return method === 'sum' ? sum : sum / known.length;
}
