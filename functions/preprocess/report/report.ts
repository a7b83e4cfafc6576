import type { Roles } from '@flts/model-runtime';
import type { DatasetMeta } from '../../shared/dataset/meta.ts';
import type { ColumnReport, DatasetReport } from '../../shared/dataset/report.ts';
import { isoTime } from '../../shared/dataset/spacing.ts';
import { piecesOf, sliceColumn, valueAt, type Column } from '../columns/column.ts';
import type { Work } from '../progress.ts';
import type { ProcessedDataset } from '../steps/dataset.ts';
import { profileOf, sumOfProducts, trendOf } from '../steps/decompose.ts';
import { MOST_ROWS, newestRows } from '../steps/newest-rows.ts';
import { findGaps } from './gaps.ts';
import { stationarityOf } from './stationarity.ts';

const GAPS = 100;

/** What is told of a processed dataset. Nothing in it depends on when or where it is made. */
export function* reportOf(dataset: ProcessedDataset, meta: DatasetMeta): Work<DatasetReport> {
  const { ts, segments, frequency } = dataset;
  const names = Object.keys(dataset.source);
  const columns: [string, ColumnReport][] = [];
  const rooms = createRooms(segments.fit.end);
  for (const name of names) {
    columns.push([name, columnOf(dataset, name, rooms)]);
    yield { phase: 'report', share: columns.length / names.length };
  }
  const timeOf = (row: number): string => isoTime(valueAt(ts, row));
  return {
    v: 1,
    config_hash: meta.config_hash,
    data_hash: meta.data_hash,
    time: {
      column: dataset.indexColumn,
      first: timeOf(0),
      last: timeOf(ts.length - 1),
      step_ms: frequency.stepMs,
      business_days: frequency.businessDays,
    },
    rows: Object.fromEntries(Object.entries(meta.rows).map(([name, count]) => [name, count ?? 0])),
    segments: Object.fromEntries(
      Object.entries(segments).map(([name, { start, end }]) => [
        name,
        { rows: end - start, first: timeOf(start), last: timeOf(end - 1) },
      ]),
    ),
    columns: Object.fromEntries(columns),
    gaps: findGaps(dataset, GAPS),
  };
}

/** What one column's rows are copied to, and the next one's again: what the collector would have to take away. */
interface Rooms {
  readonly rows: Float64Array;
  readonly changed: Float64Array;
  readonly left: Float64Array;
}

function createRooms(fitRows: number): Rooms {
  const room = (): Float64Array => new Float64Array(Math.min(fitRows, MOST_ROWS));
  return { rows: room(), changed: room(), left: room() };
}

function columnOf(dataset: ProcessedDataset, name: string, rooms: Rooms): ColumnReport {
  const { source, columns, inserted, segments, seasonalPeriods, clipping, roles } = dataset;
  const fit = newestRows(sliceColumn(columns[name] ?? dataset.ts, segments.fit), rooms.rows);
  const { type, min, max, missing } = cellsOf(source[name] ?? dataset.ts, inserted);
  return {
    role: roleOf(name, roles),
    type,
    min,
    max,
    missing,
    clipped: Object.hasOwn(clipping.clipped, name) ? (clipping.clipped[name] ?? 0) : 0,
    stationarity: stationarityOf(fit, rooms.changed),
    seasonality: seasonality(fit, seasonalPeriods, rooms),
  };
}

/** What one pass over the cells tells, known ones and those that rows of the source miss. */
function cellsOf(cells: Column, inserted: Column): Pick<ColumnReport, 'type' | 'min' | 'max' | 'missing'> {
  const kinds = { constant: true, binary: true, integer: true };
  let [min, max, missing] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
  let first: number | undefined;
  for (const { start, values } of piecesOf(cells)) {
    const flags = inserted.read(start, start + values.length);
    for (let row = 0; row < values.length; row += 1) {
      const value = values[row] ?? NaN;
      if (Number.isNaN(value)) {
        if (flags[row] !== 1) missing += 1;
        continue;
      }
      first ??= value;
      if (value !== first) kinds.constant = false;
      if (value !== 0 && value !== 1) kinds.binary = false;
      if (!Number.isInteger(value)) kinds.integer = false;
      min = Math.min(min, value);
      max = Math.max(max, value);
    }
  }
  return { type: typeOf(kinds), min, max, missing };
}

function typeOf(kinds: { constant: boolean; binary: boolean; integer: boolean }): ColumnReport['type'] {
  if (kinds.constant) return 'constant';
  if (kinds.binary) return 'binary';
  return kinds.integer ? 'integer' : 'real';
}

function roleOf(name: string, { targets, past }: Roles): ColumnReport['role'] {
  if (targets.includes(name)) return 'target';
  return past.includes(name) ? 'past' : 'future';
}

/** Share of the variance about the trend that the mean profile explains (Wang, Smith and Hyndman, 2006, section 4.1). */
function seasonality(
  values: Float64Array,
  periods: readonly number[],
  { changed: detrended, left: residual }: Rooms,
): ColumnReport['seasonality'] {
  detrended.set(values);
  trendOf(values)(detrended);
  const all = sumOfProducts(detrended, 0);
  return periods.map((period) => {
    residual.set(detrended);
    profileOf(detrended, period)(residual);
    const strength = 1 - sumOfProducts(residual, 0) / all;
    return { period, strength: Number.isFinite(strength) ? Math.max(0, strength) : 0 };
  });
}
