import { intervalEnd, type Columns } from '@flts/model-runtime';
import type { ResampleMethod } from './rules.ts';
import { mapColumns, type SourceTable } from './source-table.ts';
import { DAY_MS, nextBusinessDay } from './spacing.ts';

export interface Resampling {
  /** Length of an interval. */
  readonly stepMs: number;
  /** Intervals of so many calendar months (UTC) instead of `stepMs`. */
  readonly months?: number | undefined;
  /** Intervals end where business days begin (UTC): what comes on a Friday or a weekend is in the one that ends on Monday, 00:00. */
  readonly businessDays?: boolean | undefined;
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
  resampling: Resampling,
  { fromStart }: { readonly fromStart: boolean },
): SourceTable {
  const names = Object.keys(table.values);
  const resampler = createResampler(names, resampling, { fromStart });
  const pieces = [resampler.push(table), resampler.end()];
  return {
    ...table,
    ts: joined(pieces.map(({ ts }) => ts)),
    values: mapColumns(table.values, (_, name) =>
      joined(pieces.map(({ values }) => values[name] ?? new Float64Array())),
    ),
  };
}

export interface ResampledRows {
  readonly ts: Float64Array;
  readonly values: Columns;
}

export interface Resampler {
  /** The intervals that end before the last row of `rows`, which come after those of the piece before. */
  push(rows: ResampledRows): ResampledRows;
  /** The last interval, where it is whole. */
  end(): ResampledRows;
}

/** resampleRows for rows that come in pieces. Remembers of each column what the open interval adds up to. */
export function createResampler(
  names: readonly string[],
  { methods, ...interval }: Resampling,
  { fromStart }: { readonly fromStart: boolean },
): Resampler {
  const cells = names.map((name) => createCell(methods[name] ?? 'mean'));
  const skipsFirst = Object.values(methods).includes('sum') && !fromStart;
  let [end, last, intervals] = [Number.NEGATIVE_INFINITY, NaN, 0];
  let [ts, columns] = [[] as number[], names.map(() => [] as number[])];
  const close = (): void => {
    const values = cells.map((cell) => cell.take());
    if (intervals === 0 || (intervals === 1 && skipsFirst)) return;
    ts.push(end);
    for (const [index, value] of values.entries()) columns[index]?.push(value);
  };
  const take = (): ResampledRows => {
    const taken = {
      ts: Float64Array.from(ts),
      values: Object.fromEntries(names.map((name, index) => [name, Float64Array.from(columns[index] ?? [])])),
    };
    [ts, columns] = [[], names.map(() => [])];
    return taken;
  };
  const push = (rows: ResampledRows): ResampledRows => {
    const values = names.map((name) => rows.values[name]);
    for (const [row, at] of rows.ts.entries()) {
      if (at > end) {
        close();
        end = endOf(at, interval);
        intervals += 1;
      }
      for (const [index, cell] of cells.entries()) cell.add(values[index]?.[row] ?? NaN);
      last = at;
    }
    return take();
  };
  return {
    push,
    end: () => {
      if (end === last) close();
      return take();
    },
  };
}

function endOf(at: number, { stepMs, months, businessDays = false }: Omit<Resampling, 'methods'>): number {
  if (months !== undefined) return intervalEnd(at, months);
  const end = Math.ceil((at - ORIGIN) / stepMs) * stepMs + ORIGIN;
  return businessDays ? nextBusinessDay(end) : end;
}

/** Makes one value of an interval's values; missing ones are left out. */
export function createCell(method: ResampleMethod): { add(value: number): void; take(): number } {
  let [known, sum, lost, last] = [0, 0, 0, NaN];
  return {
    add: (value) => {
      if (Number.isNaN(value)) return;
      const next = sum + value;
      lost += Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum;
      [known, sum, last] = [known + 1, next, value];
    },
    take: () => {
      const total = sum + lost;
      const taken = known < 2 || method === 'last' ? last : method === 'sum' ? total : total / known;
      [known, sum, lost, last] = [0, 0, 0, NaN];
      return taken;
    },
  };
}

function joined(pieces: readonly Float64Array[]): Float64Array {
  return Float64Array.from(pieces.flatMap((piece) => [...piece]));
}
