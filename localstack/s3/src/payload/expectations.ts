// What a request announces about its body: length, digests, and which of them come in the trailer.
import { S3Error } from '../errors.ts';
import type { S3Request } from '../http/request.ts';
import {
  CHECKSUM_NAMES,
  checksumHeader,
  type ChecksumName,
  checksumName,
  requireChecksumName,
  requireChecksumValue,
} from './checksums.ts';

const CHECKSUM_PREFIX = 'x-amz-checksum-';

/** Bytes of the decoded body. @throws S3Error MissingContentLength */
export function declaredLength(request: S3Request): number {
  const decoded = request.sentHeaders.get('x-amz-decoded-content-length');
  const text = decoded ?? request.sentHeaders.get('content-length');
  if (text === undefined && request.sentHeaders.get('transfer-encoding') === undefined) return 0;
  if (text === undefined || !/^\d{1,15}$/.test(text)) throw new S3Error('MissingContentLength');
  return Number(text);
}

/** Checksums by header with their values, those of the trailer without: they come later. */
export function announcedChecksums(request: S3Request): Map<ChecksumName, string | undefined> {
  const announced = new Map<ChecksumName, string | undefined>();
  for (const name of CHECKSUM_NAMES) {
    const value = request.sentHeaders.get(checksumHeader(name));
    if (value !== undefined) announced.set(name, requireChecksumValue(name, value));
  }
  for (const name of trailerNames(request)) {
    if (name.startsWith(CHECKSUM_PREFIX))
      announced.set(requireChecksumName(name.slice(CHECKSUM_PREFIX.length)), undefined);
  }
  const unknown = [...request.sentHeaders.keys()].find(isUnknownChecksum);
  if (unknown !== undefined) requireChecksumName(unknown.slice(CHECKSUM_PREFIX.length));
  return announced;
}

const NOT_A_DIGEST = new Set(['mode', 'algorithm', 'type']);

function isUnknownChecksum(header: string): boolean {
  if (!header.startsWith(CHECKSUM_PREFIX)) return false;
  const name = header.slice(CHECKSUM_PREFIX.length);
  return !NOT_A_DIGEST.has(name) && checksumName(name) === undefined;
}

function trailerNames(request: S3Request): string[] {
  const names = request.sentHeaders.get('x-amz-trailer') ?? '';
  return names
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '');
}

/** @throws S3Error InvalidRequest where a trailer is signed for but none is named. */
export function checkTrailerNames(request: S3Request): void {
  if (trailerNames(request).length === 0)
    throw new S3Error('InvalidRequest', 'expected an x-amz-trailer header naming the trailer');
}

/** Stores the value of a trailing header; a checksum that was not announced is refused. */
export function trailerChecksum(
  expected: Map<ChecksumName, string | undefined>,
  header: string,
  value: string,
): void {
  if (!header.startsWith(CHECKSUM_PREFIX)) return;
  const name = requireChecksumName(header.slice(CHECKSUM_PREFIX.length));
  if (!expected.has(name))
    throw new S3Error('InvalidRequest', `expected only announced trailers, got ${header}`);
  expected.set(name, requireChecksumValue(name, value));
}

/** @throws S3Error InvalidDigest where it is not 16 bytes in base64. */
export function contentMd5(request: S3Request): Buffer | undefined {
  const text = request.sentHeaders.get('content-md5');
  if (text === undefined) return undefined;
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length !== 16)
    throw new S3Error(
      'InvalidDigest',
      `expected Content-MD5 of 16 bytes in base64, got ${JSON.stringify(text)}`,
    );
  return bytes;
}
