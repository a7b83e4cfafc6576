import { HOLIDAY_FEATURE, type Roles } from '@flts/model-runtime';
import { BLOCK_COLUMN, TIME_COLUMN } from '../../shared/dataset/reader.ts';
import { DataError, FltsError } from '../../shared/errors.ts';
import { preprocessSettings, type PreprocessSettings } from '../../shared/settings/settings.ts';

export interface RoleSettings {
  readonly TARGET_COLUMNS: readonly string[];
  readonly FUTURE_COLUMNS: readonly string[];
}

/** Columns that the processed files have besides the data's own. */
export const INSERTED_COLUMN = 'inserted';
export const SEGMENT_COLUMN = 'segment';
/** Reserved whether they are asked for or not. */
const USUAL_FEATURES = preprocessSettings.parse({}).TIME_FEATURES;
/** `__proto__` is no key of a plain object. */
const STORED_NAMES = [TIME_COLUMN, BLOCK_COLUMN, INSERTED_COLUMN, SEGMENT_COLUMN, '__proto__'];

/**
 * Which column plays which role, each list in the source's order; `calendar` features come last among the future
 * ones. @throws DataError column_missing, FltsError setting_invalid where a column is given two roles
 */
export function assignRoles(
  columns: readonly string[],
  settings: RoleSettings,
  calendar: readonly string[],
): Roles {
  const { TARGET_COLUMNS, FUTURE_COLUMNS } = settings;
  requireColumns(columns, 'TARGET_COLUMNS', TARGET_COLUMNS);
  requireColumns(columns, 'FUTURE_COLUMNS', FUTURE_COLUMNS);
  const both = TARGET_COLUMNS.find((name) => FUTURE_COLUMNS.includes(name));
  if (both !== undefined)
    throw new FltsError(
      'setting_invalid',
      `expected each column in one of TARGET_COLUMNS and FUTURE_COLUMNS, got "${both}" in both`,
      { status: 400 },
    );
  const future = columns.filter((name) => FUTURE_COLUMNS.includes(name));
  const rest = columns.filter((name) => !future.includes(name));
  const targets = TARGET_COLUMNS.length === 0 ? rest : rest.filter((name) => TARGET_COLUMNS.includes(name));
  if (targets.length === 0)
    throw new DataError(
      'column_missing',
      `expected at least one target column, got ${columns.join(', ')} as FUTURE_COLUMNS`,
    );
  return {
    targets,
    past: rest.filter((name) => !targets.includes(name)),
    future: [...future, ...calendar],
  };
}

/** @throws DataError column_missing, naming the setting */
export function requireColumns(columns: readonly string[], setting: string, names: readonly string[]): void {
  const missing = names.filter((name) => !columns.includes(name));
  if (missing.length > 0)
    throw new DataError(
      'column_missing',
      `expected the columns of ${setting} among ${columns.join(', ')}, got ${missing.join(', ')}`,
    );
}

/** @throws DataError column_reserved where a column of the source is called like a derived one */
export function refuseReserved(
  columns: readonly string[],
  { TIME_FEATURES, HOLIDAYS_COUNTRY }: Pick<PreprocessSettings, 'TIME_FEATURES' | 'HOLIDAYS_COUNTRY'>,
  place: string,
): void {
  const calendar = [...new Set([...USUAL_FEATURES, ...TIME_FEATURES])];
  const reserved = [
    ...STORED_NAMES,
    ...calendar.flatMap((name) => [`${name}_sin`, `${name}_cos`]),
    ...(HOLIDAYS_COUNTRY === '' ? [] : [HOLIDAY_FEATURE]),
  ];
  const taken = columns.find(
    (name) => reserved.includes(name.toLowerCase()) || name.toLowerCase().endsWith('__actual'),
  );
  if (taken !== undefined)
    throw new DataError(
      'column_reserved',
      `expected no column of ${place} to be called like a derived one (${reserved.join(', ')}, …__actual), got "${taken}"`,
    );
}
