// Preconditions on a read, in the order of RFC 9110, section 13.2.2.
import { S3Error } from '../errors.ts';
import { etagListed } from '../storage/conditions.ts';
import type { ObjectMeta } from '../storage/object-meta.ts';

/** Header values; undefined where not sent. */
export interface ReadConditions {
  readonly ifMatch: string | undefined;
  readonly ifNoneMatch: string | undefined;
  readonly ifModifiedSince: string | undefined;
  readonly ifUnmodifiedSince: string | undefined;
}

/** @param prefix - '' or, of a copy's source, `x-amz-copy-source-` */
export function readConditions(headers: ReadonlyMap<string, string>, prefix = ''): ReadConditions {
  return {
    ifMatch: headers.get(`${prefix}if-match`),
    ifNoneMatch: headers.get(`${prefix}if-none-match`),
    ifModifiedSince: headers.get(`${prefix}if-modified-since`),
    ifUnmodifiedSince: headers.get(`${prefix}if-unmodified-since`),
  };
}

/** Which condition does not hold: one that forbids the answer, one that makes it needless, or none. */
export function failedCondition(
  meta: ObjectMeta,
  conditions: ReadConditions,
): 'failed' | 'not-modified' | undefined {
  const { ifMatch, ifNoneMatch } = conditions;
  if (ifMatch !== undefined) {
    if (!etagListed(ifMatch, meta.etag)) return 'failed';
  } else if (changedSince(meta, conditions.ifUnmodifiedSince) === true) return 'failed';
  if (ifNoneMatch !== undefined) return etagListed(ifNoneMatch, meta.etag) ? 'not-modified' : undefined;
  return changedSince(meta, conditions.ifModifiedSince) === false ? 'not-modified' : undefined;
}

/** @throws S3Error PreconditionFailed (412) or NotModified (304, with the ETag). */
export function checkReadConditions(meta: ObjectMeta, headers: ReadonlyMap<string, string>): void {
  const failed = failedCondition(meta, readConditions(headers));
  if (failed === 'failed') throw new S3Error('PreconditionFailed');
  if (failed === 'not-modified') {
    const lastModified = new Date(meta.lastModified).toUTCString();
    throw new S3Error('NotModified', undefined, {
      headers: { etag: `"${meta.etag}"`, 'last-modified': lastModified },
    });
  }
}

/** In whole seconds, as HTTP dates are; undefined without a date that parses. */
function changedSince(meta: ObjectMeta, date: string | undefined): boolean | undefined {
  const time = Date.parse(date ?? '');
  return Number.isNaN(time) ? undefined : Math.floor(meta.lastModified / 1000) * 1000 > time;
}
