import type { Roles } from '@flts/model-runtime';
import type { DatasetMeta } from '../../shared/dataset/meta.ts';
import type { ColumnReport, DatasetReport, Understood } from '../../shared/dataset/report.ts';
import { isoTime } from '../../shared/dataset/spacing.ts';
import { sliceColumn, valueAt } from '../columns/column.ts';
import { inParallel, type Work } from '../progress.ts';
import type { ProcessedDataset } from '../steps/dataset.ts';
import type { ColumnFigures } from './column-figures.ts';
import { findGaps } from './gaps.ts';

const GAPS = 100;

/** What is told of a processed dataset. Nothing in it depends on when or where it is made. */
export function* reportOf(
  dataset: ProcessedDataset,
  meta: DatasetMeta,
  understood: readonly Understood[] = [],
): Work<DatasetReport> {
  const { ts, segments, frequency } = dataset;
  const names = Object.keys(dataset.source);
  const figures = yield* inParallel(
    'columnFigures',
    names.map((name) => figuresCall(dataset, name)),
    { phase: 'write', from: 0, to: 1 },
  );
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
      ...(frequency.months && { months: frequency.months }),
    },
    rows: Object.fromEntries(Object.entries(meta.rows).map(([name, count]) => [name, count ?? 0])),
    segments: Object.fromEntries(
      Object.entries(segments).map(([name, { start, end }]) => [
        name,
        { rows: end - start, first: timeOf(start), last: timeOf(end - 1) },
      ]),
    ),
    columns: Object.fromEntries(
      figures.map((each, index) => [names[index] ?? '', columnReport(dataset, names[index] ?? '', each)]),
    ),
    gaps: findGaps(dataset, GAPS),
    understood: [...understood],
  };
}

function figuresCall(
  { source, columns, inserted, ts, segments, seasonalPeriods }: ProcessedDataset,
  name: string,
) {
  const values = sliceColumn(columns[name] ?? ts, segments.fit);
  return {
    columns: { values, cells: source[name] ?? ts, inserted },
    input: { periods: seasonalPeriods },
  };
}

function columnReport(
  { roles, clipping }: ProcessedDataset,
  name: string,
  { type, min, max, missing, ...told }: ColumnFigures,
): ColumnReport {
  const clipped = Object.hasOwn(clipping.clipped, name) ? (clipping.clipped[name] ?? 0) : 0;
  return { role: roleOf(name, roles), type, min, max, missing, clipped, ...told };
}

function roleOf(name: string, { targets, past }: Roles): ColumnReport['role'] {
  if (targets.includes(name)) return 'target';
  return past.includes(name) ? 'past' : 'future';
}
