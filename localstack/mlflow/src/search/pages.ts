import { invalid } from '../errors.ts';

/** A page of a list, and the token of the next: base64 of {"offset":n}. */
export function pageOf<T>(
  items: readonly T[],
  maxResults: number,
  token: string | undefined,
): { items: readonly T[]; next: string | undefined } {
  const start = token === undefined || token === '' ? 0 : decode(token);
  const end = start + maxResults;
  return {
    items: items.slice(start, end),
    next: end < items.length ? Buffer.from(`{"offset": ${end}}`).toString('base64') : undefined,
  };
}

function decode(token: string): number {
  try {
    const { offset } = Object(JSON.parse(Buffer.from(token, 'base64').toString('utf8')));
    if (Number.isInteger(offset) && offset >= 0) return offset;
  } catch {
    // Told below.
  }
  throw invalid('Invalid page token, could not base64-decode');
}
