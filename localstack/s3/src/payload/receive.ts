// Takes a request's body in: decodes it, computes the digests that were announced, and compares at the end. Whatever
// was written meanwhile must be thrown away by the caller when this throws.
import { createHash } from 'node:crypto';
import type { Authorization } from '../auth/authorize.ts';
import { errnoOf, S3Error } from '../errors.ts';
import type { S3Request } from '../http/request.ts';
import { decodeAwsChunked } from './aws-chunked.ts';
import { type ChecksumName, type Checksums, createDigest, type RunningDigest } from './checksums.ts';
import { ChunkSignatures } from './chunk-signatures.ts';
import {
  announcedChecksums,
  checkTrailerNames,
  contentMd5,
  declaredLength,
  trailerChecksum,
} from './expectations.ts';

export interface ReceivedPayload {
  readonly size: number;
  /** Hex */
  readonly md5: string;
  /** Those that the client named, checked. */
  readonly checksums: Checksums;
}

export interface ReceiveOptions {
  readonly request: S3Request;
  readonly authorization: Authorization;
  /** Takes the decoded bytes, in order. */
  readonly write: (bytes: Uint8Array) => Promise<void> | void;
  /** A checksum to compute even where the client sent none, such as that of a multipart upload. */
  readonly alsoCompute?: ChecksumName | undefined;
  /** Whether the checksum headers are those of the body. Default: true */
  readonly bodyChecksums?: boolean;
  /** Default: 5 TiB, S3's own limit. */
  readonly maxBytes?: number;
}

const MAX_OBJECT_BYTES = 5 * 2 ** 40;

/** @throws S3Error BadDigest, IncompleteBody, XAmzContentSHA256Mismatch, SignatureDoesNotMatch, EntityTooLarge. */
export async function receivePayload(options: ReceiveOptions): Promise<ReceivedPayload> {
  const { request, authorization, maxBytes = MAX_OBJECT_BYTES } = options;
  const expected =
    options.bodyChecksums === false ? new Map<ChecksumName, undefined>() : announcedChecksums(request);
  const names = new Set([
    ...expected.keys(),
    ...(options.alsoCompute === undefined ? [] : [options.alsoCompute]),
  ]);
  const digests = new Map([...names].map((name) => [name, createDigest(name)] as const));
  const md5 = createHash('md5');
  const sha256 = /^[0-9a-f]{64}$/.test(authorization.payloadHash) ? createHash('sha256') : undefined;
  const length = declaredLength(request);
  if (length > maxBytes)
    throw new S3Error('EntityTooLarge', `expected at most ${maxBytes} bytes, got ${length}`);

  let size = 0;
  request.continueBody();
  for await (const bytes of decodedBody(request, authorization, expected)) {
    size += bytes.length;
    if (size > length) throw new S3Error('IncompleteBody', `expected ${length} bytes, got more`);
    md5.update(bytes);
    sha256?.update(bytes);
    for (const digest of digests.values()) digest.update(bytes);
    await options.write(bytes);
  }
  if (size !== length) throw new S3Error('IncompleteBody', `expected ${length} bytes, got ${size}`);
  if (sha256 !== undefined && sha256.digest('hex') !== authorization.payloadHash)
    throw new S3Error('XAmzContentSHA256Mismatch');
  const md5Digest = md5.digest();
  compareMd5(request, md5Digest);
  return { size, md5: md5Digest.toString('hex'), checksums: compare(expected, digests) };
}

/** `expected` gains the values that come in the trailer. */
async function* decodedBody(
  request: S3Request,
  authorization: Authorization,
  expected: Map<ChecksumName, string | undefined>,
): AsyncGenerator<Uint8Array> {
  const { payloadHash } = authorization;
  const body = connectionErrorsNamed(request);
  if (!payloadHash.startsWith('STREAMING-')) {
    yield* body;
    return;
  }
  const signed = payloadHash.startsWith('STREAMING-AWS4-HMAC-SHA256-PAYLOAD');
  if (!signed && payloadHash !== 'STREAMING-UNSIGNED-PAYLOAD-TRAILER') {
    throw new S3Error('NotImplemented', `expected a known payload signing, got ${payloadHash}`);
  }
  const trailer = payloadHash.endsWith('-TRAILER');
  if (trailer) checkTrailerNames(request);
  yield* decodeAwsChunked(body, {
    signatures: signed ? new ChunkSignatures(authorization) : undefined,
    trailer,
    onTrailer: (name, value) => trailerChecksum(expected, name, value),
  });
}

/** A client that goes away half-way is the client's fault, not this server's. */
async function* connectionErrorsNamed(request: S3Request): AsyncGenerator<Uint8Array> {
  try {
    // Not destroyed on an early end: the answer still has to go out on that socket.
    for await (const chunk of request.message.iterator({ destroyOnReturn: false })) {
      const bytes: unknown = chunk;
      if (bytes instanceof Uint8Array) yield bytes;
    }
  } catch (cause) {
    if (errnoOf(cause) !== 'ECONNRESET') throw cause;
    throw new S3Error('IncompleteBody', 'the connection closed before the body ended', { cause });
  }
}

function compareMd5(request: S3Request, got: Buffer): void {
  const expected = contentMd5(request);
  if (expected !== undefined && !expected.equals(got)) {
    throw new S3Error(
      'BadDigest',
      `expected Content-MD5 ${expected.toString('base64')}, got content of ${got.toString('base64')}`,
    );
  }
}

function compare(
  expected: ReadonlyMap<ChecksumName, string | undefined>,
  digests: ReadonlyMap<ChecksumName, RunningDigest>,
): Checksums {
  const checksums: Partial<Record<ChecksumName, string>> = {};
  for (const [name, digest] of digests) {
    const got = digest.digest().toString('base64');
    const value = expected.get(name);
    if (expected.has(name) && value === undefined) {
      throw new S3Error('InvalidRequest', `expected the ${name} checksum in the trailer, got none`);
    }
    if (value !== undefined && value !== got) {
      throw new S3Error('BadDigest', `expected the ${name} checksum ${value}, got content of ${got}`);
    }
    checksums[name] = got;
  }
  return checksums;
}
