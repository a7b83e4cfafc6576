// The object that a copy reads: which it is, whether it is the one that the client means, and its bytes.
import { S3Error } from '../errors.ts';
import type { S3Request } from '../http/request.ts';
import { type ChecksumName, createDigest } from '../payload/checksums.ts';
import { objectBytes, type OpenObject } from '../storage/object-file.ts';
import type { BytesDigests, ObjectMeta } from '../storage/object-meta.ts';
import type { ByteRange } from './byte-range.ts';
import { failedCondition, readConditions } from './read-conditions.ts';

/** `x-amz-copy-source: [/]bucket/key`, percent-encoded. @throws S3Error InvalidArgument, NotImplemented */
export function copySource(request: S3Request): { bucket: string; key: string } {
  const text = request.headers.get('x-amz-copy-source') ?? '';
  const [path = '', version] = text.split('?versionId=');
  if (version !== undefined && version !== 'null')
    throw new S3Error('NotImplemented', 'expected no versionId: versions are not offered');
  const match = /^\/?([^/]+)\/(.+)$/s.exec(decodeSource(path));
  if (match?.[1] === undefined || match[2] === undefined) {
    throw new S3Error('InvalidArgument', `expected a copy source bucket/key, got ${JSON.stringify(text)}`);
  }
  return { bucket: match[1], key: match[2] };
}

function decodeSource(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch (cause) {
    throw new S3Error(
      'InvalidArgument',
      `expected a percent-encoded copy source, got ${JSON.stringify(path)}`,
      { cause },
    );
  }
}

/** @throws S3Error PreconditionFailed where an x-amz-copy-source-if-… does not hold. */
export function checkSource(request: S3Request, meta: ObjectMeta): void {
  const conditions = readConditions(request.headers, 'x-amz-copy-source-');
  if (failedCondition(meta, conditions) !== undefined) throw new S3Error('PreconditionFailed');
}

export interface CopyOptions {
  /** The checksums to compute. */
  readonly names: readonly ChecksumName[];
  /** Default: the whole object. */
  readonly range?: ByteRange | undefined;
  /** Throws where the copy should stop. */
  readonly check: () => void;
}

/** Hands the bytes on and digests them. */
export async function copyBytes(
  object: OpenObject,
  write: (bytes: Uint8Array) => Promise<void>,
  { names, range, check }: CopyOptions,
): Promise<BytesDigests> {
  const known = range === undefined ? knownDigests(object.meta, names) : undefined;
  const digests = new Map(
    known === undefined ? names.map((name) => [name, createDigest(name)] as const) : [],
  );
  const md5 = known === undefined ? createDigest('md5') : undefined;
  for await (const bytes of objectBytes(object, range)) {
    check();
    md5?.update(bytes);
    for (const digest of digests.values()) digest.update(bytes);
    await write(bytes);
  }
  if (known !== undefined) return known;
  const values = [...digests].map(([name, digest]) => [name, digest.digest().toString('base64')] as const);
  return { md5: md5?.digest().toString('hex') ?? '', checksums: Object.fromEntries(values) };
}

/** Those that the source has: of an object that was stored as a whole they are those of its bytes. */
function knownDigests(
  { etag, checksums, checksumType, digests }: ObjectMeta,
  names: readonly ChecksumName[],
): BytesDigests | undefined {
  const isOfBytes = checksumType === 'FULL_OBJECT' && /^[0-9a-f]{32}$/.test(etag);
  const known = isOfBytes ? { md5: etag, checksums } : digests;
  if (known === undefined || names.some((name) => known.checksums[name] === undefined)) return undefined;
  return {
    md5: known.md5,
    checksums: Object.fromEntries(names.map((name) => [name, known.checksums[name]])),
  };
}
