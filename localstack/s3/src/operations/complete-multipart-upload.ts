import { S3Error } from '../errors.ts';
import { xmlReply } from '../http/reply.ts';
import { element, type XmlElement, type XmlNode } from '../http/xml.ts';
import { CHECKSUM_NAMES, checksumHeader, type Checksums } from '../payload/checksums.ts';
import { writeCondition } from '../storage/conditions.ts';
import type { BytesDigests, ObjectMeta } from '../storage/object-meta.ts';
import type { Upload, UploadedPart } from '../storage/uploads.ts';
import { checksumElements } from './checksum-elements.ts';
import { compositeChecksum, multipartEtag, selectParts } from './completed-parts.ts';
import { bucketOf, keyOf, type Operation, type OperationContext, originOf, requireOpen } from './context.ts';
import { uploadIdOf } from './upload-part.ts';
import { readXml } from './xml-body.ts';

export const completeMultipartUpload: Operation = async (context) => {
  const { uploads } = context.services;
  // Its checksum headers describe the object to be, not this document.
  const root = await readXml(context, 'CompleteMultipartUpload', { bodyChecksums: false });
  const uploadId = uploadIdOf(context.request);
  return uploads.exclusively(uploadId, async () => {
    const done = completedBefore(context, uploadId);
    const meta = done ?? (await complete(context, root, uploadId));
    return xmlReply(element('CompleteMultipartUploadResult', resultElements(context, meta)));
  });
};

/** A client that missed the answer asks again: it gets the same one as long as the object is there. */
function completedBefore(context: OperationContext, uploadId: string): ObjectMeta | undefined {
  const current = context.services.buckets.require(bucketOf(context)).index.get(keyOf(context));
  return current !== undefined && current.uploadId === uploadId ? current : undefined;
}

async function complete(context: OperationContext, root: XmlNode, uploadId: string): Promise<ObjectMeta> {
  const { services, request } = context;
  const [bucket, key] = [bucketOf(context), keyOf(context)];
  const upload = await services.uploads.require(uploadId, bucket, key);
  const parts = selectParts(root, await services.uploads.parts(uploadId));
  const { writer, digests } = await services.uploads.join(upload, parts, () => requireOpen(services));
  let meta: ObjectMeta;
  try {
    const checksums = checksumsOf(upload, parts, digests);
    checkAnnounced(context, checksums);
    meta = await services.objects.put({
      bucket,
      writer,
      meta: {
        key,
        size: parts.reduce((sum, part) => sum + part.meta.size, 0),
        etag: multipartEtag(parts),
        headers: upload.headers,
        userMetadata: upload.userMetadata,
        checksums,
        checksumType: upload.checksum?.type ?? 'FULL_OBJECT',
        digests,
        uploadId,
        ...(upload.tags === undefined ? {} : { tags: upload.tags }),
      },
      condition: writeCondition(request),
      eventName: 'ObjectCreated:CompleteMultipartUpload',
      origin: originOf(context),
    });
  } finally {
    await writer.discard();
  }
  await services.uploads.remove(uploadId);
  return meta;
}

function checksumsOf({ checksum }: Upload, parts: readonly UploadedPart[], digests: BytesDigests): Checksums {
  if (checksum === undefined) return {};
  if (checksum.type === 'FULL_OBJECT') return digests.checksums;
  return { [checksum.name]: compositeChecksum(checksum.name, parts) };
}

/** The completion may say what the checksum of the object must be. */
function checkAnnounced({ request }: OperationContext, checksums: Checksums): void {
  for (const name of CHECKSUM_NAMES) {
    const announced = request.sentHeaders.get(checksumHeader(name));
    const got = checksums[name];
    if (announced === undefined || got === undefined) continue;
    if (announced !== got)
      throw new S3Error('BadDigest', `expected the ${name} checksum ${announced}, got an object of ${got}`);
  }
}

function resultElements({ request }: OperationContext, meta: ObjectMeta): XmlElement[] {
  const path = `${request.bucket}/${request.key}`;
  return [
    element(
      'Location',
      `http://${request.headers.get('host') ?? ''}/${encodeURIComponent(path).replaceAll('%2F', '/')}`,
    ),
    element('Bucket', request.bucket ?? ''),
    element('Key', request.key ?? ''),
    element('ETag', `"${meta.etag}"`),
    ...checksumElements(meta),
  ];
}
