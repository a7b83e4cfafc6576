import type { Segments } from '@flts/model-runtime';
import { createBlockNumbers } from '../../shared/dataset/regularise.ts';
import { DataError } from '../../shared/errors.ts';
import type { PreprocessSettings } from '../../shared/settings/settings.ts';
import type { Column, ColumnsByName } from '../columns/column.ts';
import { countMissing } from '../columns/known-values.ts';
import type { Spill } from '../columns/spill.ts';
import type { Work } from '../progress.ts';
import { createSparseFilter, type KeptRows } from './cleaning.ts';
import type { LaidRows } from './lay-rows.ts';
import { createStretches } from './seasons.ts';
import { segmentsOf } from './segments.ts';

/** The rows of the processed files, with missing cells. */
export interface KeptTable {
  readonly ts: Column;
  readonly inserted: Column;
  readonly block: Column;
  readonly values: ColumnsByName;
  readonly segments: Segments;
  /** Missing cells of each column. */
  readonly missing: ReadonlyMap<string, number>;
  /** Rows that a season may have at most. */
  readonly longestSeason: number;
  readonly counts: { readonly inserted: number; readonly dropped: number };
}

/**
 * Goes once through the rows on their grid: leaves out those that miss too many cells, numbers the blocks, and stores the
 * rest. @throws DataError frequency_unknown as the grid; rows_insufficient where no fit row is left
 */
export function* keepRows(
  { grid, cuts, frequency }: LaidRows,
  settings: PreprocessSettings,
  { names, rows, place, spill }: Keeping,
): Work<KeptTable> {
  const strict = settings.REGULARISE !== 'off';
  const filter = createSparseFilter(settings);
  const numberGrid = createBlockNumbers({ frequency, strict });
  const numberKept = createBlockNumbers({ frequency, strict });
  const stretches = createStretches([
    { from: cuts.select, to: cuts.test },
    { from: cuts.test, to: Number.POSITIVE_INFINITY },
  ]);
  const stored = createKeptTable(names, spill);
  let seen = 0;
  for (const piece of grid()) {
    // A season longer than the rows before an origin could never be used on it. Told from the grid alone: no value has a
    // say in it, nor has a row that is left out for its values.
    stretches.push(piece.ts, numberGrid(piece.ts));
    const kept = filter(piece);
    stored.append(kept, numberKept(kept.ts, kept.breaks));
    seen += piece.ts.length;
    yield { phase: 'lay', share: Math.min(1, seen / rows) };
  }
  const { columns, missing, counts } = stored;
  const segments = segmentsOf(columns.ts, cuts);
  if (segments.fit.end === 0)
    throw new DataError(
      'rows_insufficient',
      `expected fit rows in ${place}, got none that misses as few cells as HANDLE_NANS_THRESHOLD asks for`,
    );
  return {
    ...columns,
    segments,
    missing,
    longestSeason: Math.floor(Math.min(...stretches.longest()) / 2),
    counts,
  };
}

export interface Keeping {
  /** Of the columns. */
  readonly names: readonly string[];
  /** About how many there are. */
  readonly rows: number;
  /** For errors. */
  readonly place: string;
  readonly spill: Spill;
}

function createKeptTable(names: readonly string[], spill: Spill) {
  const table = spill.table(names.length + 3);
  const missing = new Map<string, number>();
  const counts = { inserted: 0, dropped: 0 };
  return {
    missing,
    counts,
    columns: {
      ts: table.column(0),
      inserted: table.column(1),
      block: table.column(2),
      values: Object.fromEntries(names.map((name, index) => [name, table.column(index + 3)])),
    },
    append: ({ ts, inserted, values, dropped }: KeptRows, block: Int32Array): void => {
      const columns = names.map((name) => values[name] ?? new Float64Array(ts.length).fill(NaN));
      table.append([ts, new Float64Array(inserted), new Float64Array(block), ...columns]);
      counts.dropped += dropped;
      for (const flag of inserted) counts.inserted += flag;
      for (const [index, name] of names.entries())
        missing.set(name, (missing.get(name) ?? 0) + countMissing(columns[index] ?? ts));
    },
  };
}
