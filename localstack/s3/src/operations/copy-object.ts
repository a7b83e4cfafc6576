import { S3Error } from '../errors.ts';
import { xmlReply } from '../http/reply.ts';
import type { S3Request } from '../http/request.ts';
import { element, type XmlElement } from '../http/xml.ts';
import {
  CHECKSUM_NAMES,
  type ChecksumName,
  type Checksums,
  createDigest,
  requireChecksumName,
} from '../payload/checksums.ts';
import { writeCondition } from '../storage/conditions.ts';
import { objectBytes, type OpenObject } from '../storage/object-file.ts';
import type { ObjectMeta } from '../storage/object-meta.ts';
import { checksumElements } from './checksum-elements.ts';
import { bucketOf, keyOf, type Operation, originOf, requireOpen, withWriter } from './context.ts';
import { storedHeaders } from './object-headers.ts';
import { failedCondition, readConditions } from './read-conditions.ts';

export const copyObject: Operation = async (context) => {
  const { request, services } = context;
  const [bucket, key] = [bucketOf(context), keyOf(context)];
  services.buckets.require(bucket);
  const source = parseCopySource(request);
  const object = await services.objects.open(source.bucket, source.key);
  try {
    checkSource(request, object.meta);
    const replaced = replacesMetadata(request);
    if (!replaced && source.bucket === bucket && source.key === key) {
      throw new S3Error(
        'InvalidRequest',
        'expected a copy onto itself to replace the metadata, got nothing to change',
      );
    }
    const stored = replaced ? storedHeaders(request) : object.meta;
    const meta = await withWriter(services, async (writer) => {
      const checksums = await copyBytes(object, writer.write.bind(writer), {
        wanted: wantedChecksum(request),
        check: () => requireOpen(services),
      });
      return services.objects.put({
        bucket,
        writer,
        meta: copiedMeta(key, object.meta, stored, checksums),
        condition: writeCondition(request),
        eventName: 'ObjectCreated:Copy',
        origin: originOf(context),
      });
    });
    return xmlReply(element('CopyObjectResult', resultElements(meta)));
  } finally {
    await object.handle.close();
  }
};

/** A copy is one object, whatever its source was: its ETag is that of its bytes. */
function copiedMeta(
  key: string,
  source: ObjectMeta,
  stored: Pick<ObjectMeta, 'headers' | 'userMetadata'>,
  copied: CopiedDigests,
): Omit<ObjectMeta, 'sequencer' | 'lastModified'> {
  return {
    key,
    size: source.size,
    etag: copied.md5,
    headers: stored.headers,
    userMetadata: stored.userMetadata,
    checksums: copied.checksums,
    checksumType: 'FULL_OBJECT',
  };
}

/** `x-amz-copy-source: [/]bucket/key`, percent-encoded. @throws S3Error InvalidArgument, NotImplemented */
function parseCopySource(request: S3Request): { bucket: string; key: string } {
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

function checkSource(request: S3Request, meta: ObjectMeta): void {
  const conditions = readConditions(request.headers, 'x-amz-copy-source-');
  if (failedCondition(meta, conditions) !== undefined) throw new S3Error('PreconditionFailed');
}

function replacesMetadata(request: S3Request): boolean {
  const directive = request.headers.get('x-amz-metadata-directive') ?? 'COPY';
  if (directive !== 'COPY' && directive !== 'REPLACE') {
    throw new S3Error(
      'InvalidArgument',
      `expected x-amz-metadata-directive COPY or REPLACE, got ${JSON.stringify(directive)}`,
    );
  }
  return directive === 'REPLACE';
}

function wantedChecksum(request: S3Request): ChecksumName | undefined {
  const text = request.headers.get('x-amz-checksum-algorithm');
  return text === undefined ? undefined : requireChecksumName(text);
}

interface CopiedDigests {
  readonly md5: string;
  readonly checksums: Checksums;
}

interface CopyOptions {
  readonly wanted: ChecksumName | undefined;
  /** Throws where the copy should stop. */
  readonly check: () => void;
}

async function copyBytes(
  object: OpenObject,
  write: (bytes: Uint8Array) => Promise<void>,
  { wanted, check }: CopyOptions,
): Promise<CopiedDigests> {
  const { meta } = object;
  const names =
    wanted === undefined ? CHECKSUM_NAMES.filter((name) => meta.checksums[name] !== undefined) : [wanted];
  const known = knownDigests(meta, names);
  const digests = new Map(
    known === undefined ? names.map((name) => [name, createDigest(name)] as const) : [],
  );
  const md5 = known === undefined ? createDigest('md5') : undefined;
  for await (const bytes of objectBytes(object)) {
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
  { etag, checksums, checksumType }: ObjectMeta,
  names: readonly ChecksumName[],
): CopiedDigests | undefined {
  const isOfBytes = checksumType === 'FULL_OBJECT' && /^[0-9a-f]{32}$/.test(etag);
  if (!isOfBytes || names.some((name) => checksums[name] === undefined)) return undefined;
  return { md5: etag, checksums: Object.fromEntries(names.map((name) => [name, checksums[name]])) };
}

function resultElements(meta: ObjectMeta): XmlElement[] {
  return [
    element('ETag', `"${meta.etag}"`),
    element('LastModified', new Date(meta.lastModified).toISOString()),
    ...checksumElements(meta),
  ];
}
