import type { Roles, RowRange } from '@flts/model-runtime';
import type { DatasetMeta } from '../../shared/dataset/meta.ts';
import type { ColumnReport, DatasetReport } from '../../shared/dataset/report.ts';
import { isoTime } from '../../shared/dataset/spacing.ts';
import type { ProcessedDataset } from '../steps/dataset.ts';
import { sumOfProducts, withoutProfile, withoutTrend } from '../steps/decompose.ts';
import { findGaps } from './gaps.ts';
import { stationarityOf } from './stationarity.ts';

const GAPS = 100;

/** What is told of a processed dataset. Nothing in it depends on when or where it is made. */
export function reportOf(dataset: ProcessedDataset, meta: DatasetMeta): DatasetReport {
  const { ts, segments, frequency } = dataset;
  const gaps = findGaps(dataset);
  return {
    v: 1,
    config_hash: meta.config_hash,
    data_hash: meta.data_hash,
    time: {
      column: dataset.indexColumn,
      first: isoTime(ts[0]),
      last: isoTime(ts.at(-1)),
      step_ms: frequency.stepMs,
      business_days: frequency.businessDays,
    },
    rows: Object.fromEntries(Object.entries(meta.rows).map(([name, count]) => [name, count ?? 0])),
    segments: Object.fromEntries(
      Object.entries(segments).map(([name, { start, end }]) => [
        name,
        { rows: end - start, first: isoTime(ts[start]), last: isoTime(ts[end - 1]) },
      ]),
    ),
    columns: Object.fromEntries(Object.keys(dataset.source).map((name) => [name, columnOf(dataset, name)])),
    gaps: { count: gaps.length, first: gaps.slice(0, GAPS) },
  };
}

function columnOf(dataset: ProcessedDataset, name: string): ColumnReport {
  const { source, columns, inserted, segments, seasonalPeriods, clipping, roles } = dataset;
  const cells = source[name] ?? new Float64Array();
  const known = cells.filter((value) => !Number.isNaN(value));
  const fit = fitRows(columns[name] ?? new Float64Array(), segments.fit);
  return {
    role: roleOf(name, roles),
    type: typeOf(known),
    min: known.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY),
    max: known.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY),
    missing: cells.filter((value, row) => Number.isNaN(value) && inserted[row] !== 1).length,
    clipped: clipping.clipped[name] ?? 0,
    stationarity: stationarityOf(fit),
    seasonality: seasonality(fit, seasonalPeriods),
  };
}

function fitRows(values: Float64Array, { start, end }: RowRange): Float64Array {
  return values.subarray(start, end);
}

function roleOf(name: string, { targets, past }: Roles): ColumnReport['role'] {
  if (targets.includes(name)) return 'target';
  return past.includes(name) ? 'past' : 'future';
}

function typeOf(known: Float64Array): ColumnReport['type'] {
  if (known.every((value) => value === known[0])) return 'constant';
  if (known.every((value) => value === 0 || value === 1)) return 'binary';
  return known.every(Number.isInteger) ? 'integer' : 'real';
}

/** Share of the variance about the trend that the mean profile explains (Wang, Smith and Hyndman, 2006, section 4.1). */
function seasonality(values: Float64Array, periods: readonly number[]): ColumnReport['seasonality'] {
  const detrended = withoutTrend(values);
  const all = sumOfProducts(detrended, 0);
  return periods.map((period) => {
    const strength = 1 - sumOfProducts(withoutProfile(detrended, period), 0) / all;
    return { period, strength: Number.isFinite(strength) ? Math.max(0, strength) : 0 };
  });
}
