// The text that a signature covers, and the signature, as Signature Version 4 defines them.
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { Sha256 } from '@aws-crypto/sha256-js';
import { getCanonicalHeaders, getCanonicalQuery, getSigningKey } from '@smithy/signature-v4';
import type { Credentials } from '../credentials.ts';
import type { S3Request } from '../http/request.ts';

/** The place and day that a signing key is made for: `<day>/<region>/s3/aws4_request`. */
export interface SigningScope {
  /** YYYYMMDD */
  readonly day: string;
  readonly region: string;
}

export const ALGORITHM = 'AWS4-HMAC-SHA256';
export const EMPTY_SHA256 = createHash('sha256').digest('hex');

export function scopeText(scope: SigningScope): string {
  return `${scope.day}/${scope.region}/s3/aws4_request`;
}

export function canonicalRequest(
  request: S3Request,
  signedHeaders: readonly string[],
  payloadHash: string,
): string {
  const present: Record<string, string> = {};
  for (const name of signedHeaders) present[name] = request.sentHeaders.get(name) ?? '';
  const http = {
    method: request.method,
    protocol: 'http:',
    hostname: '',
    path: request.rawPath,
    headers: present,
    query: Object.fromEntries(request.query),
  };
  const headers = getCanonicalHeaders(http, undefined, new Set(signedHeaders));
  const names = Object.keys(headers).sort();
  return [
    request.method,
    canonicalPath(request.rawPath),
    getCanonicalQuery(http),
    ...names.map((name) => `${name}:${headers[name]}`),
    '',
    names.join(';'),
    payloadHash,
  ].join('\n');
}

/** The same path however the client chose to encode it: everything but the unreserved characters and `/`. */
function canonicalPath(rawPath: string): string {
  return encodeURIComponent(decodeURIComponent(rawPath))
    .replaceAll('%2F', '/')
    .replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** @param longDate - YYYYMMDDTHHMMSSZ */
export function stringToSign(longDate: string, scope: SigningScope, canonical: string): string {
  return [ALGORITHM, longDate, scopeText(scope), createHash('sha256').update(canonical).digest('hex')].join(
    '\n',
  );
}

export async function signingKey(credentials: Credentials, scope: SigningScope): Promise<Uint8Array> {
  return getSigningKey(Sha256, credentials, scope.day, scope.region, 's3');
}

export function sign(key: Uint8Array, text: string): string {
  return createHmac('sha256', key).update(text).digest('hex');
}

/** Takes as long for a wrong first digit as for a wrong last one. */
export function sameSignature(expected: string, got: string): boolean {
  const left = Buffer.from(expected);
  const right = Buffer.from(got);
  return left.length === right.length && timingSafeEqual(left, right);
}
