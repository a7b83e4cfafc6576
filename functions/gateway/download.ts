import { FltsError } from '../shared/errors.ts';
import type { HttpRequest, HttpResponse } from '../shared/handlers/http-handler.ts';
import type { Services } from '../shared/services.ts';
import type { StoredObject } from '../shared/storage/storage.ts';
import { byteRange } from './byte-range.ts';
import { DOWNLOAD_LIMIT, URL_LIFETIME_S } from './limits.ts';
import { objectAddress, type ObjectAddress } from './object-address.ts';

/** GET /download/{bucket}/{key+}: the object's bytes, or a redirect to S3 where HTTP cannot carry them. */
export async function download(request: HttpRequest, services: Services): Promise<HttpResponse> {
  const address = objectAddress(request);
  const { bucket, key } = address;
  const { storage } = services;
  const info = await storage.head(bucket, key);
  if (info !== undefined && info.size > DOWNLOAD_LIMIT) return redirect(address, services);
  const stored = info === undefined ? undefined : await storage.get(bucket, key);
  if (stored === undefined)
    throw new FltsError('object_not_found', `expected an object at ${bucket}/${key}, got none`, {
      status: 404,
    });
  // It may have grown since its size was asked for.
  return stored.body.length > DOWNLOAD_LIMIT ? redirect(address, services) : answer(stored, request);
}

/** 307: a client that follows it asks S3 the same again, its Range included. */
async function redirect(address: ObjectAddress, { storage }: Services): Promise<HttpResponse> {
  const expiresInS = URL_LIFETIME_S;
  const url = await storage.presign({ method: 'GET', ...address, expiresInS });
  return {
    status: 307,
    headers: { location: url, 'cache-control': 'no-store' },
    body: { status: 'REDIRECT', ...address, url, expires_in_s: expiresInS },
  };
}

function answer({ body, etag, contentType }: StoredObject, request: HttpRequest): HttpResponse {
  const { headers: asked, requestId } = request;
  const headers = {
    etag,
    'content-type': contentType,
    'accept-ranges': 'bytes',
    // A browser is to keep what somebody uploaded, not to show it as a page of this API's.
    'content-disposition': 'attachment',
    'content-security-policy': "default-src 'none'; sandbox",
  };
  if (matches(asked['if-none-match'], etag)) return { status: 304, headers: { etag }, body: '' };
  const isStale = asked['if-range'] !== undefined && asked['if-range'] !== etag;
  const range = isStale ? 'whole' : byteRange(asked['range'], body.length);
  if (range === 'whole') return { status: 200, headers, body };
  if (range === 'unsatisfiable') {
    const message = `expected a range within ${body.length} bytes, got ${asked['range']}`;
    return {
      status: 416,
      headers: { 'content-range': `bytes */${body.length}` },
      body: {
        status: 'ERROR',
        error: { name: 'FltsError', code: 'request_invalid', message },
        req_id: requestId,
      },
    };
  }
  const { start, end } = range;
  return {
    status: 206,
    headers: {
      ...headers,
      'content-range': `bytes ${start}-${end}/${body.length}`,
      // Said, so that no HTTP layer compresses it: the range counts the object's own bytes.
      'content-encoding': 'identity',
    },
    body: body.subarray(start, end + 1),
  };
}

/** RFC 9110, 13.1.2: any of a list, compared weakly. */
function matches(header: string | undefined, etag: string): boolean {
  const tags = (header ?? '').split(',').map((tag) => tag.trim().replace(/^W\//u, ''));
  return tags.includes(etag) || tags.includes('*');
}
