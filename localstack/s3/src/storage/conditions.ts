// Preconditions on a change of a key; checked under the key's lock, against what is there at that moment.
import { S3Error } from '../errors.ts';
import type { S3Request } from '../http/request.ts';
import type { ObjectMeta } from './object-meta.ts';

export interface WriteCondition {
  /** The object must be there with this ETag; `*`: with any. */
  readonly ifMatch?: string | undefined;
  /** The object must not be there. */
  readonly ifAbsent: boolean;
}

export const ALWAYS: WriteCondition = { ifAbsent: false };

/** @throws S3Error NotImplemented for If-None-Match with an ETag, which S3 does not offer on writes either. */
export function writeCondition(request: S3Request): WriteCondition {
  const ifNoneMatch = request.headers.get('if-none-match');
  if (ifNoneMatch !== undefined && ifNoneMatch.trim() !== '*') {
    throw new S3Error(
      'NotImplemented',
      `expected If-None-Match: * on a write, got ${JSON.stringify(ifNoneMatch)}`,
    );
  }
  return { ifMatch: request.headers.get('if-match'), ifAbsent: ifNoneMatch !== undefined };
}

/** @throws S3Error PreconditionFailed, or NoSuchKey where If-Match names an object that is not there. */
export function checkWriteCondition(
  current: ObjectMeta | undefined,
  { ifMatch, ifAbsent }: WriteCondition,
): void {
  if (ifAbsent && current !== undefined) {
    throw new S3Error('PreconditionFailed', 'At least one of the preconditions did not hold: If-None-Match');
  }
  if (ifMatch === undefined) return;
  if (current === undefined) throw new S3Error('NoSuchKey');
  if (!etagListed(ifMatch, current.etag)) {
    throw new S3Error(
      'PreconditionFailed',
      `If-Match: expected ${ifMatch}, the object has "${current.etag}"`,
    );
  }
}

/** Whether a list of ETags, quoted or not, or `*`, names this one. */
export function etagListed(list: string, etag: string): boolean {
  return list.split(',').some((entry) => {
    const bare = entry.trim().replace(/^W\//, '').replaceAll('"', '');
    return bare === '*' || bare === etag;
  });
}
