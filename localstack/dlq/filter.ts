// Which letters a redrive takes.
import type { Filter } from './arguments.ts';
import { headerText, isObject, jsonObject, type Letter } from './letter.ts';

/**
 * Whether each filter's value is what the letter has under its key: `key`, `partition`, `offset`, a header with or
 * without its prefix dlq_, or else a field of the JSON value, dots leading inwards.
 */
export function matchesFilters(letter: Letter, filters: readonly Filter[]): boolean {
  return filters.every(({ key, value }) => valueUnder(letter, key) === value);
}

function valueUnder(letter: Letter, key: string): string | undefined {
  if (key === 'key') return letter.key?.toString('utf8');
  if (key === 'partition' || key === 'offset') return String(letter[key]);
  return headerText(letter, key) ?? headerText(letter, `dlq_${key}`) ?? fieldText(letter, key);
}

function fieldText(letter: Letter, path: string): string | undefined {
  const field = path
    .split('.')
    .reduce<unknown>(
      (value, key) => (isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined),
      jsonObject(letter),
    );
  if (field === undefined) return undefined;
  return typeof field === 'string' ? field : JSON.stringify(field);
}
