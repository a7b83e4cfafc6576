import { compensatedSum, type Columns, type RowRange } from '@flts/model-runtime';
import type { GridRows } from '../../shared/dataset/regularise.ts';
import { gather, mapColumns } from '../../shared/dataset/source-table.ts';
import { DataError } from '../../shared/errors.ts';

export interface CleaningSettings {
  readonly HANDLE_NANS: boolean;
  /** Share of missing cells above which a row is left out. */
  readonly HANDLE_NANS_THRESHOLD: number;
  readonly HANDLE_NANS_NEIGHBOURS: number;
}

export interface KeptRows extends GridRows {
  /** 1 for rows before which at least one was left out. */
  readonly breaks: Uint8Array;
  readonly dropped: number;
}

/**
 * Leaves out rows that miss too many cells. Inserted rows miss them all and stay, unless nothing is imputed
 * (HANDLE_NANS=0): then every incomplete row goes.
 */
export function dropSparseRows(rows: GridRows, settings: CleaningSettings): KeptRows {
  const columns = Object.values(rows.values);
  const most = (settings.HANDLE_NANS ? settings.HANDLE_NANS_THRESHOLD : 0) * columns.length;
  const keeps = (row: number): boolean =>
    rows.inserted[row] === 1 ? settings.HANDLE_NANS : missingCells(columns, row) <= most;
  const kept = new Int32Array(rows.ts.length).map((_, row) => row).filter(keeps);
  const insertedRows = settings.HANDLE_NANS ? 0 : rows.inserted.reduce((sum, flag) => sum + flag, 0);
  return {
    ts: gather(rows.ts, kept),
    values: mapColumns(rows.values, (values) => gather(values, kept)),
    inserted: Uint8Array.from(kept, (row) => rows.inserted[row] ?? 0),
    breaks: Uint8Array.from(kept, (row, index) => (row === (kept[index - 1] ?? -1) + 1 ? 0 : 1)),
    dropped: rows.ts.length - kept.length - insertedRows,
  };
}

function missingCells(columns: readonly Float64Array[], row: number): number {
  let missing = 0;
  for (const values of columns) if (Number.isNaN(values[row])) missing += 1;
  return missing;
}

/** Mean of the known values of each column over the fit rows. @throws DataError column_not_numeric where there is none */
export function fitMeans(values: Columns, fit: RowRange, place: string): Record<string, number> {
  return Object.fromEntries(
    Object.entries(values).map(([name, column]) => {
      const known = column.subarray(fit.start, fit.end).filter((value) => !Number.isNaN(value));
      if (known.length === 0)
        throw new DataError(
          'column_not_numeric',
          `expected at least one number among the fit rows of column "${name}" in ${place}, got missing cells alone`,
        );
      return [name, compensatedSum(known) / known.length];
    }),
  );
}
