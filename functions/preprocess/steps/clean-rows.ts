import type { Bounds } from '../../shared/dataset/clip.ts';
import type { FillMethod } from '../../shared/dataset/rules.ts';
import { DataError } from '../../shared/errors.ts';
import type { PreprocessSettings } from '../../shared/settings/settings.ts';
import { mapColumns, sliceColumn, type ColumnsByName } from '../columns/column.ts';
import type { Spill } from '../columns/spill.ts';
import { inParallel, type Work } from '../progress.ts';
import type { KeptTable } from './keep-rows.ts';

export interface Imputation {
  readonly enabled: boolean;
  readonly method: FillMethod;
  readonly neighbours: number;
  readonly means: Readonly<Record<string, number>>;
}

export interface Clipping {
  /** Of the columns that have any. */
  readonly bounds: Readonly<Record<string, Bounds>>;
  /** Cells that were moved to a bound, by column. */
  readonly clipped: Readonly<Record<string, number>>;
}

export interface CleanedRows {
  /** Without missing cells. */
  readonly values: ColumnsByName;
  readonly imputation: Imputation;
  readonly clipping: Clipping;
  readonly imputedCells: number;
}

/**
 * Clips and imputes. Known values are clipped before missing ones are filled from them: serving fills from stored,
 * clipped rows. A column that has nothing to be clipped or filled is not copied.
 * @throws DataError column_not_numeric where a column has no known fit row
 */
export function* cleanRows(
  kept: KeptTable,
  settings: PreprocessSettings,
  { place, spill, meanwhile }: Cleaning,
): Work<CleanedRows> {
  const { HANDLE_NANS: enabled, HANDLE_NANS_METHOD: method, HANDLE_NANS_NEIGHBOURS: neighbours } = settings;
  const { bounds, means } = yield* fitStatistics(kept, settings, { place, meanwhile });
  const changing = Object.entries(kept.values)
    .filter(([name]) => bounds.has(name) || (kept.missing.get(name) ?? 0) > 0)
    .map(([name, values]) => ({ name, values, target: spill.openColumn(values.length) }));
  const changes = yield* inParallel(
    'fillColumn',
    changing.map(({ name, values, target }) => ({
      columns: { values, ts: kept.ts },
      input: {
        bounds: bounds.get(name),
        how: { method, neighbours, mean: means.get(name) ?? 0 },
        descriptor: target.descriptor,
      },
    })),
    { phase: 'clean', from: 0.5, to: 1, meanwhile },
  );
  if (meanwhile !== undefined) yield* meanwhile;
  const changed = new Map(changing.map(({ name, target }) => [name, target.column]));
  return {
    values: mapColumns(kept.values, (column, name) => changed.get(name) ?? column),
    imputation: { enabled, method, neighbours, means: Object.fromEntries(means) },
    clipping: {
      bounds: Object.fromEntries(bounds),
      clipped: Object.fromEntries(
        changing.flatMap(({ name }, index) =>
          bounds.has(name) ? [[name, changes[index]?.clipped ?? 0]] : [],
        ),
      ),
    },
    imputedCells: changes.reduce((sum, { filled }) => sum + filled, 0),
  };
}

export interface Cleaning {
  readonly place: string;
  readonly spill: Spill;
  /** What needs no cleaned values, and is done beside. */
  readonly meanwhile?: Work<unknown> | undefined;
}

/** Bounds of the columns that have any, and the mean of each of the clipped fit rows. */
function* fitStatistics(
  { values, segments: { fit } }: KeptTable,
  { CLIP_METHOD, CLIP_FACTOR, CLIP_QUANTILES }: PreprocessSettings,
  { place, meanwhile }: Pick<Cleaning, 'place' | 'meanwhile'>,
): Work<{ bounds: Map<string, Bounds>; means: Map<string, number> }> {
  const names = Object.keys(values);
  const figures = yield* inParallel(
    'knownFigures',
    Object.values(values).map((column) => ({
      columns: { values: sliceColumn(column, fit) },
      input: { CLIP_METHOD, CLIP_FACTOR, CLIP_QUANTILES },
    })),
    { phase: 'clean', from: 0, to: 0.5, meanwhile },
  );
  const [bounds, means] = [new Map<string, Bounds>(), new Map<string, number>()];
  for (const [index, { bounds: own, mean }] of figures.entries()) {
    const name = names[index] ?? '';
    if (own !== undefined) bounds.set(name, own);
    if (mean === undefined) throw nothingKnown(name, place);
    means.set(name, mean);
  }
  return { bounds, means };
}

function nothingKnown(name: string, place: string): DataError {
  return new DataError(
    'column_not_numeric',
    `expected at least one number among the fit rows of column "${name}" in ${place}, got missing cells alone`,
  );
}
