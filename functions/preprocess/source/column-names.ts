import { DataError } from '../../shared/errors.ts';

/**
 * Names of the columns of a format that has no header line, trimmed; one without a name is called `column_<position>`.
 * @throws DataError column_missing where there is but one, column_reserved as refuseDuplicates
 */
export function columnNames(raw: readonly string[], place: string): string[] {
  const names = raw.map((name, index) => name.trim() || `column_${index + 1}`);
  if (names.length < 2)
    throw new DataError(
      'column_missing',
      `expected a time column and at least one numeric column in ${place}, got ${names.map((name) => JSON.stringify(name.slice(0, 80))).join(', ') || 'none'}`,
    );
  refuseDuplicates(names, place);
  return names;
}

/** @throws DataError column_reserved where two names are the same but for case or Unicode form */
export function refuseDuplicates(names: readonly string[], place: string): void {
  const seen = new Map<string, string>();
  for (const name of names) {
    const key = name.normalize('NFC').toLowerCase();
    const other = seen.get(key);
    if (other !== undefined)
      throw new DataError(
        'column_reserved',
        `expected column names that differ in more than case and Unicode form in ${place}, got "${other}" and "${name}"`,
      );
    seen.set(key, name);
  }
}
