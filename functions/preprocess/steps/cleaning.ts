import type { GridRows } from '../../shared/dataset/regularise.ts';
import { gather, mapColumns } from '../../shared/dataset/source-table.ts';

export interface CleaningSettings {
  readonly HANDLE_NANS: boolean;
  /** Share of missing cells above which a row is left out. */
  readonly HANDLE_NANS_THRESHOLD: number;
  readonly HANDLE_NANS_NEIGHBOURS: number;
}

export interface KeptRows extends GridRows {
  /** 1 for rows before which at least one was left out. Says nothing of the very first. */
  readonly breaks: Uint8Array;
  readonly dropped: number;
}

/**
 * Leaves out rows that miss too many cells. Inserted rows miss them all and stay, unless nothing is imputed
 * (HANDLE_NANS=0): then every incomplete row goes. For rows that come in pieces, each after the one before: remembers
 * whether the piece before ended with a row that was left out.
 */
export function createSparseFilter(
  settings: Pick<CleaningSettings, 'HANDLE_NANS' | 'HANDLE_NANS_THRESHOLD'>,
): (rows: GridRows) => KeptRows {
  let broken = false;
  return (rows) => {
    const columns = Object.values(rows.values);
    const most = (settings.HANDLE_NANS ? settings.HANDLE_NANS_THRESHOLD : 0) * columns.length;
    const keeps = (row: number): boolean =>
      rows.inserted[row] === 1 ? settings.HANDLE_NANS : missingCells(columns, row) <= most;
    const kept = new Int32Array(rows.ts.length);
    const inserted = new Uint8Array(rows.ts.length);
    const breaks = new Uint8Array(rows.ts.length);
    let [count, dropped] = [0, 0];
    for (let row = 0; row < rows.ts.length; row += 1) {
      const isKept = keeps(row);
      if (isKept) {
        kept[count] = row;
        inserted[count] = rows.inserted[row] ?? 0;
        breaks[count] = broken ? 1 : 0;
        count += 1;
      } else if (rows.inserted[row] !== 1) dropped += 1;
      broken = !isKept;
    }
    if (count === rows.ts.length) return { ...rows, breaks, dropped };
    const source = kept.subarray(0, count);
    return {
      ts: gather(rows.ts, source),
      values: mapColumns(rows.values, (values) => gather(values, source)),
      inserted: inserted.subarray(0, count),
      breaks: breaks.subarray(0, count),
      dropped,
    };
  };
}

function missingCells(columns: readonly Float64Array[], row: number): number {
  let missing = 0;
  for (const values of columns) if (Number.isNaN(values[row])) missing += 1;
  return missing;
}
