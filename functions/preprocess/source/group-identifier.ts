import { DataError } from '../../shared/errors.ts';
import { identifierProblem } from '../../shared/keys.ts';
import type { Groups } from './groups.ts';

const MOST_LETTERS = 100;
/** Letters of any script with their marks, digits, full stop and underscore. */
const REPLACED = /[^\p{L}\p{M}\p{N}._]+/gu;

/**
 * The identifier of each group, by its value: `<file>-<value>`, in Unicode's composed form, with a hyphen for each run of other
 * characters than letters, digits, `.` and `_`, and none at its ends.
 * @throws DataError group_invalid where nothing is left of a value, too much, or the same as of another
 */
export function groupIdentifiers(
  file: string,
  { column, values }: Groups,
  place: string,
): ReadonlyMap<string, string> {
  const owners = new Map<string, string>();
  for (const value of values) {
    const kept = value.normalize('NFC').replaceAll(REPLACED, '-').replaceAll(/^-|-$/gu, '');
    const refuse = (expected: string, got = JSON.stringify(value.slice(0, 80))): DataError =>
      new DataError('group_invalid', `expected ${expected} in column "${column}" of ${place}, got ${got}`);
    if (kept === '') throw refuse('values with a letter or digit');
    if (kept.length > MOST_LETTERS) throw refuse(`values of at most ${MOST_LETTERS} letters`);
    const problem = identifierProblem(`${file}-${kept}`);
    if (problem !== undefined)
      throw refuse('values that with the name of the file make identifiers', problem);
    const owner = owners.get(kept);
    if (owner !== undefined)
      throw refuse(
        'values that differ in letters or digits',
        `${JSON.stringify(owner.slice(0, 80))} and ${JSON.stringify(value.slice(0, 80))}, both ${file}-${kept}`,
      );
    owners.set(kept, value);
  }
  return new Map([...owners].map(([kept, value]) => [value, `${file}-${kept}`]));
}
