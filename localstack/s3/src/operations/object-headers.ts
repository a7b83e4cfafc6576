// The headers that an object is stored with, and those that it is answered with.
import { S3Error } from '../errors.ts';
import type { S3Request } from '../http/request.ts';
import { CHECKSUM_NAMES, checksumHeader } from '../payload/checksums.ts';
import type { ObjectMeta } from '../storage/object-meta.ts';

const KEPT = ['cache-control', 'content-disposition', 'content-language', 'content-type', 'expires'] as const;
const USER_PREFIX = 'x-amz-meta-';
const MAX_USER_METADATA_BYTES = 2048;
const DEFAULT_CONTENT_TYPE = 'binary/octet-stream';

type StoredHeaders = Pick<ObjectMeta, 'headers' | 'userMetadata'>;

/** @throws S3Error MetadataTooLarge */
export function storedHeaders(request: S3Request): StoredHeaders {
  const headers: Record<string, string> = { 'content-type': DEFAULT_CONTENT_TYPE };
  for (const name of KEPT) {
    const value = request.headers.get(name);
    if (value !== undefined && value !== '') headers[name] = value;
  }
  const encoding = contentEncoding(request);
  if (encoding !== '') headers['content-encoding'] = encoding;
  return { headers, userMetadata: userMetadata(request) };
}

/** aws-chunked is how the body travels, not what it is. */
function contentEncoding(request: S3Request): string {
  const codings = (request.headers.get('content-encoding') ?? '').split(',').map((coding) => coding.trim());
  return codings.filter((coding) => coding !== '' && coding !== 'aws-chunked').join(',');
}

function userMetadata(request: S3Request): Record<string, string> {
  const entries = [...request.headers]
    .filter(([name]) => name.startsWith(USER_PREFIX))
    .map(([name, value]) => [name.slice(USER_PREFIX.length), value] as const);
  const bytes = entries.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  if (bytes > MAX_USER_METADATA_BYTES) {
    throw new S3Error(
      'MetadataTooLarge',
      `expected at most ${MAX_USER_METADATA_BYTES} bytes of user metadata, got ${bytes}`,
    );
  }
  return Object.fromEntries(entries);
}

/** Without length and range, which depend on the answer. */
export function objectHeaders(meta: ObjectMeta): Record<string, string> {
  const user = Object.entries(meta.userMetadata).map(
    ([name, value]) => [`${USER_PREFIX}${name}`, value] as const,
  );
  return {
    ...meta.headers,
    ...Object.fromEntries(user),
    etag: `"${meta.etag}"`,
    'last-modified': new Date(meta.lastModified).toUTCString(),
    'accept-ranges': 'bytes',
    ...(meta.tags === undefined || meta.tags.length === 0
      ? {}
      : { 'x-amz-tagging-count': String(meta.tags.length) }),
  };
}

export function checksumHeaders(meta: ObjectMeta): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const name of CHECKSUM_NAMES) {
    const value = meta.checksums[name];
    if (value === undefined) continue;
    headers[checksumHeader(name)] = value;
    headers['x-amz-checksum-type'] = meta.checksumType;
  }
  return headers;
}
