import { S3Error } from '../errors.ts';

/** First and last byte, both included. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

/**
 * Reads `bytes=1-3`, `bytes=5-` or `bytes=-3`. Several ranges, other units and nonsense are ignored, as RFC 9110
 * allows: undefined, the whole object.
 * @throws S3Error InvalidRange where no byte of the object is in the range.
 */
export function parseRange(header: string | undefined, size: number): ByteRange | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '');
  if (match === null) return undefined;
  const [, from = '', to = ''] = match;
  if (from === '' && to === '') return undefined;
  if (from === '') {
    const length = Math.min(Number(to), size);
    return length > 0 ? { first: size - length, last: size - 1 } : outside(size);
  }
  const first = Number(from);
  const last = to === '' ? size - 1 : Math.min(Number(to), size - 1);
  if (to !== '' && Number(to) < first) return undefined;
  return first < size ? { first, last } : outside(size);
}

function outside(size: number): never {
  throw new S3Error('InvalidRange', undefined, { headers: { 'content-range': `bytes */${size}` } });
}
