import type { Understood } from '../../shared/dataset/report.ts';
import { isoTime } from '../../shared/dataset/spacing.ts';
import type { PreprocessSettings } from '../../shared/settings/settings.ts';
import { valueAt } from '../columns/column.ts';
import type { ProcessedDataset } from '../steps/dataset.ts';

/** Share of inserted rows above which they are worth a look. */
const MANY_INSERTED = 0.1;

/** What was inferred from the rows, or repaired in them, once the files were read. */
export function understoodOfDataset(
  { indexColumn, roles, frequency, seasonalPeriods, counts, ts }: ProcessedDataset,
  settings: PreprocessSettings,
): Understood[] {
  const told: Understood[] = [];
  const tell = (about: string, says: string, isSerious = false): void =>
    void told.push({ about, says, isSerious });
  if (settings.INDEX_COLUMN === '')
    tell('time', `the time is in column "${indexColumn}", from ${isoTime(valueAt(ts, 0))}`);
  if (settings.TARGET_COLUMNS.length === 0) tell('targets', `${roles.targets.join(', ')} are forecast`);
  if (settings.FREQUENCY === '')
    tell(
      'frequency',
      `rows are ${frequency.stepMs / 1000} s apart${frequency.businessDays ? ', on business days' : ''}`,
    );
  if (settings.SEASONAL_PERIODS.length === 0)
    tell(
      'seasons',
      seasonalPeriods.length === 0 ? 'no season' : `seasons of ${seasonalPeriods.join(', ')} rows`,
    );
  if (counts.inserted > 0)
    tell(
      'inserted',
      `${counts.inserted} missing rows were inserted`,
      counts.inserted > MANY_INSERTED * ts.length,
    );
  if (counts.dropped > 0)
    tell(
      'dropped',
      `${counts.dropped} rows were left out, since they miss too many cells (HANDLE_NANS)`,
      true,
    );
  if (counts.imputedCells > 0) tell('imputed', `${counts.imputedCells} missing cells were filled`);
  return told;
}

export function warningsOf(understood: readonly Understood[]): string[] {
  return understood.filter(({ isSerious }) => isSerious).map(({ says }) => says);
}
