import { S3Error } from '../errors.ts';
import { xmlReply } from '../http/reply.ts';
import type { S3Request } from '../http/request.ts';
import { element, type XmlElement } from '../http/xml.ts';
import { CHECKSUM_NAMES, type ChecksumName, requireChecksumName } from '../payload/checksums.ts';
import { writeCondition } from '../storage/conditions.ts';
import type { BytesDigests, ObjectMeta } from '../storage/object-meta.ts';
import { checksumElements } from './checksum-elements.ts';
import { bucketOf, keyOf, type Operation, originOf, requireOpen, withWriter } from './context.ts';
import { checkSource, copyBytes, copySource } from './copy-source.ts';
import { storedHeaders } from './object-headers.ts';
import { requestTags } from './tags.ts';

export const copyObject: Operation = async (context) => {
  const { request, services } = context;
  const [bucket, key] = [bucketOf(context), keyOf(context)];
  services.buckets.require(bucket);
  const source = copySource(request);
  const object = await services.objects.open(source.bucket, source.key);
  try {
    checkSource(request, object.meta);
    const replaced = replaces(request, 'x-amz-metadata-directive');
    if (!replaced && source.bucket === bucket && source.key === key) {
      throw new S3Error(
        'InvalidRequest',
        'expected a copy onto itself to replace the metadata, got nothing to change',
      );
    }
    const stored = replaced ? storedHeaders(request) : object.meta;
    const tagged = replaces(request, 'x-amz-tagging-directive') ? requestTags(request) : tagsOf(object.meta);
    const meta = await withWriter(services, async (writer) => {
      const checksums = await copyBytes(object, writer.write.bind(writer), {
        names: wantedChecksums(request, object.meta),
        check: () => requireOpen(services),
      });
      return services.objects.put({
        bucket,
        writer,
        meta: { ...copiedMeta(object.meta, stored, checksums), ...tagged, key },
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
  source: ObjectMeta,
  stored: Pick<ObjectMeta, 'headers' | 'userMetadata'>,
  copied: BytesDigests,
): Omit<ObjectMeta, 'key' | 'sequencer' | 'lastModified'> {
  return {
    size: source.size,
    etag: copied.md5,
    headers: stored.headers,
    userMetadata: stored.userMetadata,
    checksums: copied.checksums,
    checksumType: 'FULL_OBJECT',
  };
}

function replaces(request: S3Request, header: string): boolean {
  const directive = request.headers.get(header) ?? 'COPY';
  if (directive !== 'COPY' && directive !== 'REPLACE') {
    throw new S3Error(
      'InvalidArgument',
      `expected ${header} COPY or REPLACE, got ${JSON.stringify(directive)}`,
    );
  }
  return directive === 'REPLACE';
}

function tagsOf({ tags }: ObjectMeta): Pick<ObjectMeta, 'tags'> {
  return tags === undefined ? {} : { tags };
}

/** The one that the request asks for, otherwise those of the source. */
function wantedChecksums(request: S3Request, { checksums }: ObjectMeta): ChecksumName[] {
  const text = request.headers.get('x-amz-checksum-algorithm');
  if (text !== undefined) return [requireChecksumName(text)];
  return CHECKSUM_NAMES.filter((name) => checksums[name] !== undefined);
}

function resultElements(meta: ObjectMeta): XmlElement[] {
  return [
    element('ETag', `"${meta.etag}"`),
    element('LastModified', new Date(meta.lastModified).toISOString()),
    ...checksumElements(meta),
  ];
}
