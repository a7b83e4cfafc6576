import { datasetObject, reservedProblem } from '../shared/claims.ts';
import { FltsError } from '../shared/errors.ts';
import type { HttpRequest, HttpResponse } from '../shared/handlers/http-handler.ts';
import { identifierProblem } from '../shared/keys.ts';
import type { Services } from '../shared/services.ts';
import { BUCKETS } from '../shared/topics.ts';
import { UPLOAD_LIMIT, URL_LIFETIME_S } from './limits.ts';
import { addressPath, objectAddress, type ObjectAddress } from './object-address.ts';
import { uploadBody } from './upload-body.ts';

/** POST, PUT /upload/{bucket}/{key+}: stores the body as it is. @throws FltsError request_invalid (400), body_too_large (413) */
export async function upload(request: HttpRequest, { storage, log }: Services): Promise<HttpResponse> {
  const address = uploadAddress(request);
  const { bucket, key } = address;
  const { bytes, contentType } = await uploadBody(request, key);
  if (bytes.length > UPLOAD_LIMIT) throw tooLarge(address, bytes.length);
  const stored = await storage.put(bucket, key, bytes, { contentType });
  if (!stored.written) throw new TypeError(`expected an unconditional write of ${bucket}/${key}, got none`);
  const size = bytes.length;
  log.info({ event: 'object_uploaded', bucket, key, size, req_id: request.requestId });
  return {
    status: 200,
    body: { status: 'SUCCESS', ...address, etag: stored.etag, size, ...pipelineOf(address) },
  };
}

/** POST /upload-url/{bucket}/{key+}: where to PUT a body of any size. */
export async function uploadUrl(request: HttpRequest, { storage }: Services): Promise<HttpResponse> {
  const address = uploadAddress(request);
  const expiresInS = URL_LIFETIME_S;
  const url = await storage.presign({ method: 'PUT', ...address, expiresInS });
  return {
    status: 200,
    headers: { 'cache-control': 'no-store' },
    body: {
      status: 'SUCCESS',
      ...address,
      url,
      method: 'PUT',
      expires_in_s: expiresInS,
      ...pipelineOf(address),
    },
  };
}

/**
 * Where to write. @throws as objectAddress; FltsError request_invalid (400) for a data set whose name is reserved, or would make
 * keys that S3 cannot hold
 */
function uploadAddress(request: HttpRequest): ObjectAddress {
  const address = objectAddress(request);
  if (address.bucket !== BUCKETS.dataset) return address;
  const { identifier, kind } = datasetObject(address.key);
  const reserved = kind === 'other' ? undefined : reservedProblem(identifier);
  const problem = identifierProblem(identifier) ?? reserved;
  if (problem === undefined) return address;
  throw new FltsError('request_invalid', `${problem} in ${address.bucket}/${address.key.slice(0, 200)}`, {
    status: 400,
  });
}

function tooLarge(address: ObjectAddress, size: number): FltsError {
  const { bucket, key } = address;
  return new FltsError(
    'body_too_large',
    `expected at most ${UPLOAD_LIMIT} bytes for ${bucket}/${key} over HTTP, got ${size}: ` +
      `POST /upload-url/${addressPath(address)} answers a URL that takes any size`,
    { status: 413 },
  );
}

/** Where to watch what the upload of a data set sets off. */
function pipelineOf({ bucket, key }: ObjectAddress): { identifier?: string; status_url?: string } {
  if (bucket !== BUCKETS.dataset) return {};
  const { identifier, kind } = datasetObject(key);
  return kind === 'other' ? {} : { identifier, status_url: `/status/${encodeURIComponent(identifier)}` };
}
