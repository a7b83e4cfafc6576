import { historyColumns, historyNames, historyRows, type History } from '@flts/model-runtime';
import { DataError, FltsError } from '../../shared/errors.ts';
import type { PreprocessSettings } from '../../shared/settings/settings.ts';
import { PIECE_ROWS, type Column, type ColumnsByName } from '../columns/column.ts';
import type { Spill } from '../columns/spill.ts';
import type { Work } from '../progress.ts';

/** Rows that lags may look back: some thousand rows are read together with as many before them. */
const MOST_ROWS_BACK = 100_000;

/** @throws FltsError setting_invalid where lags look back further than 100,000 rows */
export function requireLagsInReach({ LAGS_N, LAGS_STEP }: PreprocessSettings): void {
  if (LAGS_N * LAGS_STEP <= MOST_ROWS_BACK) return;
  throw new FltsError(
    'setting_invalid',
    `expected LAGS_N times LAGS_STEP to be at most ${MOST_ROWS_BACK} rows, got ${LAGS_N} times ${LAGS_STEP}`,
    { status: 400 },
  );
}

/** What is derived from the targets; undefined where nothing is. */
export function historyOf({
  LAGS_N,
  LAGS_STEP,
  TRAILING_MEANS,
}: Pick<PreprocessSettings, 'LAGS_N' | 'LAGS_STEP' | 'TRAILING_MEANS'>): History | undefined {
  if (LAGS_N === 0 && TRAILING_MEANS.length === 0) return undefined;
  const lags = Array.from({ length: LAGS_N }, (_, index) => (index + 1) * LAGS_STEP);
  return { lags, means: [...new Set(TRAILING_MEANS)].toSorted((a, b) => a - b) };
}

/** @throws DataError column_reserved where a column of the source is called like one that is derived here */
export function refuseDerived(columns: readonly string[], derived: readonly string[], place: string): void {
  const names = new Set(derived.map((name) => name.toLowerCase()));
  const taken = columns.find((name) => names.has(name.toLowerCase()));
  if (taken === undefined) return;
  throw new DataError(
    'column_reserved',
    `expected no column of ${place} to be called like one that LAGS_N or TRAILING_MEANS derives, got "${taken}"`,
  );
}

/**
 * The lags and trailing means of the targets' model inputs. Goes through the rows piece by piece, each with the rows before
 * it that it looks back on: what is in memory depends on the longest of them, not on the number of rows.
 */
export function* deriveHistory(
  { block, targets }: { readonly block: Column; readonly targets: ColumnsByName },
  history: History | undefined,
  spill: Spill,
): Work<ColumnsByName> {
  const names = historyNames(Object.keys(targets), history);
  if (names.length === 0) return {};
  const stored = spill.table(names.length);
  for (let start = 0; start < block.length; start += PIECE_ROWS) {
    const end = Math.min(start + PIECE_ROWS, block.length);
    const from = Math.min(start, historyRows(history));
    const read = (column: Column): Float64Array => column.read(start - from, end);
    const values = Object.fromEntries(Object.entries(targets).map(([name, column]) => [name, read(column)]));
    const derived = historyColumns(values, {
      targets: Object.keys(targets),
      history,
      block: Int32Array.from(read(block)),
      from,
    });
    stored.append(names.map((name) => derived[name] ?? new Float64Array(end - start)));
    yield { phase: 'derive', share: (0.5 * end) / block.length };
  }
  return Object.fromEntries(names.map((name, index) => [name, stored.column(index)]));
}
