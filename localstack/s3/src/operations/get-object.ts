import { S3Error } from '../errors.ts';
import { headerText, type Reply } from '../http/reply.ts';
import type { S3Request } from '../http/request.ts';
import { type OpenObject, readAt } from '../storage/object-file.ts';
import type { ObjectMeta } from '../storage/object-meta.ts';
import { etagListed } from '../storage/conditions.ts';
import { type ByteRange, parseRange } from './byte-range.ts';
import { bucketOf, keyOf, type Operation } from './context.ts';
import { checksumHeaders, objectHeaders } from './object-headers.ts';
import { checkReadConditions } from './read-conditions.ts';

const OVERRIDES = [
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-type',
  'expires',
];

/** Less than this is read at once. */
const STREAM_BYTES = 256 * 1024;

export const getObject: Operation = async (context) => {
  const { request, services } = context;
  const object = await services.objects.open(bucketOf(context), keyOf(context));
  try {
    const { range, ...reply } = readReply(request, object.meta);
    const { first, last } = range ?? { first: 0, last: object.meta.size - 1 };
    if (last - first >= STREAM_BYTES) {
      const body = object.handle.createReadStream({ start: first, end: last, highWaterMark: STREAM_BYTES });
      return { ...reply, body };
    }
    const body = await readExactly(object, first, last - first + 1);
    await object.handle.close();
    return { ...reply, body };
  } catch (error) {
    await object.handle.close();
    throw error;
  }
};

export const headObject: Operation = async (context) => {
  const meta = context.services.objects.head(bucketOf(context), keyOf(context));
  const { status, headers } = readReply(context.request, meta);
  return { status, headers };
};

async function readExactly({ handle }: OpenObject, position: number, length: number): Promise<Buffer> {
  const bytes = await readAt(handle, position, length);
  if (bytes.length < length)
    throw new S3Error('InternalError', `expected ${length} bytes from ${position}, got ${bytes.length}`);
  return bytes;
}

/** Status and headers of a read, alike for GET and HEAD. */
function readReply(request: S3Request, meta: ObjectMeta): Reply & { readonly range: ByteRange | undefined } {
  if (request.query.has('partNumber'))
    throw new S3Error('NotImplemented', 'expected no partNumber: reads by part are not offered');
  checkReadConditions(meta, request.headers);
  const range = rangeApplies(request, meta) ? parseRange(request.headers.get('range'), meta.size) : undefined;
  const length = range === undefined ? meta.size : range.last - range.first + 1;
  const headers: Record<string, string> = {
    ...objectHeaders(meta),
    ...overrides(request),
    'content-length': String(length),
  };
  if (range !== undefined) headers['content-range'] = `bytes ${range.first}-${range.last}/${meta.size}`;
  // The checksum is that of the whole: with a part of it, a client would find it wrong.
  else if (request.headers.get('x-amz-checksum-mode')?.toUpperCase() === 'ENABLED')
    Object.assign(headers, checksumHeaders(meta));
  return { status: range === undefined ? 200 : 206, headers, range };
}

/** If-Range: the range only of the version that the client knows. */
function rangeApplies(request: S3Request, meta: ObjectMeta): boolean {
  const ifRange = request.headers.get('if-range');
  if (ifRange === undefined) return true;
  const time = Date.parse(ifRange);
  if (!ifRange.includes('"') && !Number.isNaN(time))
    return Math.floor(meta.lastModified / 1000) * 1000 <= time;
  return etagListed(ifRange, meta.etag);
}

/** response-content-type and kin: a presigned URL decides what a browser is told. */
function overrides(request: S3Request): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const name of OVERRIDES) {
    const value = request.query.get(`response-${name}`);
    if (value !== undefined) headers[name] = headerText(value);
  }
  return headers;
}
