import type { Resampling } from '../../shared/dataset/resample.ts';
import type { ResampleMethod } from '../../shared/dataset/rules.ts';
import { FltsError } from '../../shared/errors.ts';
import type { PreprocessSettings } from '../../shared/settings/settings.ts';
import { parseFrequency } from './frequency.ts';
import { requireColumns } from './roles.ts';

const LISTS = {
  RESAMPLE_MEAN_COLUMNS: 'mean',
  RESAMPLE_LAST_COLUMNS: 'last',
  RESAMPLE_SUM_COLUMNS: 'sum',
} as const;

/**
 * How rows become intervals; undefined where they do not.
 * @throws DataError column_missing; FltsError setting_invalid where a column goes two ways
 */
export function resamplingOf(
  columns: readonly string[],
  settings: PreprocessSettings,
): Resampling | undefined {
  if (settings.REGULARISE !== 'resample') return undefined;
  const methods: Record<string, ResampleMethod> = Object.fromEntries(
    columns.map((name) => [name, settings.RESAMPLE_METHOD]),
  );
  const named = new Map<string, string>();
  for (const list of Object.keys(LISTS) as (keyof typeof LISTS)[]) {
    requireColumns(columns, list, settings[list]);
    for (const name of settings[list]) {
      const other = named.get(name) ?? list;
      if (other !== list)
        throw new FltsError(
          'setting_invalid',
          `expected each column in one of ${Object.keys(LISTS).join(', ')}, got "${name}" in ${other} and ${list}`,
          { status: 400 },
        );
      named.set(name, list);
      methods[name] = LISTS[list];
    }
  }
  const { stepMs, businessDays, months } = parseFrequency(settings.FREQUENCY);
  return {
    stepMs,
    ...(businessDays && { businessDays }),
    ...(months && { months: months.count }),
    methods,
  };
}

/** @throws FltsError setting_invalid where rows are to be resampled, and nothing says to what spacing */
export function requireResampleFrequency({ REGULARISE, FREQUENCY }: PreprocessSettings): void {
  if (REGULARISE !== 'resample' || FREQUENCY !== '') return;
  throw new FltsError(
    'setting_invalid',
    'FREQUENCY: expected a spacing like 15min, 1h, 1d or 1B, which REGULARISE=resample needs, got none',
    { status: 400 },
  );
}
