import { clip, clipValues, type Bounds } from '../../shared/dataset/clip.ts';
import { createImputer, type Imputer } from '../../shared/dataset/impute.ts';
import type { FillMethod } from '../../shared/dataset/rules.ts';
import type { PreprocessSettings } from '../../shared/settings.ts';
import { mapColumn, mapColumns, type Column, type ColumnsByName } from '../columns/column.ts';
import { rowPieces } from '../columns/row-table.ts';
import type { Spill } from '../columns/spill.ts';
import type { Work } from '../progress.ts';
import { fitMean } from './cleaning.ts';
import { clipBounds } from './clip-bounds.ts';
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
  { place, spill }: { readonly place: string; readonly spill: Spill },
): Work<CleanedRows> {
  const { HANDLE_NANS: enabled, HANDLE_NANS_METHOD: method, HANDLE_NANS_NEIGHBOURS: neighbours } = settings;
  const { bounds, means } = yield* fitStatistics(kept, settings, place);
  const changing = Object.keys(kept.values).filter(
    (name) => bounds.has(name) || (kept.missing.get(name) ?? 0) > 0,
  );
  const fillers = changing.map((name) =>
    createFiller(bounds.get(name), createImputer({ method, neighbours, mean: means.get(name) ?? 0 })),
  );
  const changed = yield* changeRows(kept, { names: changing, fillers }, spill);
  return {
    values: mapColumns(kept.values, (column, name) => changed.get(name) ?? column),
    imputation: { enabled, method, neighbours, means: Object.fromEntries(means) },
    clipping: {
      bounds: Object.fromEntries(bounds),
      clipped: Object.fromEntries(
        changing.flatMap((name, index) => (bounds.has(name) ? [[name, fillers[index]?.clipped() ?? 0]] : [])),
      ),
    },
    imputedCells: fillers.reduce((sum, filler) => sum + filler.filled(), 0),
  };
}

/** Bounds of the columns that have any, and the mean of each of the clipped fit rows. */
function* fitStatistics(
  { values, segments: { fit } }: KeptTable,
  settings: PreprocessSettings,
  place: string,
): Work<{ bounds: Map<string, Bounds>; means: Map<string, number> }> {
  const [bounds, means] = [new Map<string, Bounds>(), new Map<string, number>()];
  for (const [name, column] of Object.entries(values)) {
    const own = clipBounds(column, fit, settings);
    if (own !== undefined) bounds.set(name, own);
    const known = own === undefined ? column : mapColumn(column, (value) => clip(value, own));
    means.set(name, fitMean(known, fit, { name, place }));
    yield { phase: 'clean', share: (0.5 * means.size) / Object.keys(values).length };
  }
  return { bounds, means };
}

/** Changes one column's values piece by piece, and counts what it changed. */
interface Filler {
  fill(values: Float64Array, ts: Float64Array): Float64Array;
  clipped(): number;
  filled(): number;
}

function createFiller(bounds: Bounds | undefined, impute: Imputer): Filler {
  let [clipped, filled] = [0, 0];
  return {
    fill: (values, ts) => {
      const known = bounds === undefined ? { values, clipped: 0 } : clipValues(values, bounds);
      const imputed = impute(known.values, ts);
      clipped += known.clipped;
      filled += imputed.filled;
      return imputed.values;
    },
    clipped: () => clipped,
    filled: () => filled,
  };
}

/** Goes once through the columns of these names, and stores what becomes of them. */
function* changeRows(
  { ts, values }: KeptTable,
  { names, fillers }: { readonly names: readonly string[]; readonly fillers: readonly Filler[] },
  spill: Spill,
): Work<Map<string, Column>> {
  if (names.length === 0) return new Map();
  const stored = spill.table(names.length);
  const columns = Object.fromEntries(Object.entries(values).filter(([name]) => names.includes(name)));
  for (const piece of rowPieces({ ts, values: columns })) {
    const missing = new Float64Array(piece.ts.length).fill(NaN);
    stored.append(
      names.map((name, index) => fillers[index]?.fill(piece.values[name] ?? missing, piece.ts) ?? missing),
    );
    yield { phase: 'clean', share: 0.5 + (0.5 * stored.rows) / ts.length };
  }
  return new Map(names.map((name, index) => [name, stored.column(index)]));
}
