import { S3Error } from '../errors.ts';
import { xmlReply } from '../http/reply.ts';
import type { S3Request } from '../http/request.ts';
import { element } from '../http/xml.ts';
import type { ObjectMeta } from '../storage/object-meta.ts';
import type { ByteRange } from './byte-range.ts';
import { checksumElements } from './checksum-elements.ts';
import { bucketOf, keyOf, type Operation, requireOpen, withWriter } from './context.ts';
import { checkSource, copyBytes, copySource } from './copy-source.ts';
import { partMeta, partNumberOf, uploadIdOf } from './upload-part.ts';

/** A part whose bytes are those of an object, or a range of them. */
export const uploadPartCopy: Operation = async (context) => {
  const { request, services } = context;
  const [uploadId, number] = [uploadIdOf(request), partNumberOf(request)];
  const upload = await services.uploads.require(uploadId, bucketOf(context), keyOf(context));
  const source = copySource(request);
  const object = await services.objects.open(source.bucket, source.key);
  try {
    checkSource(request, object.meta);
    const range = sourceRange(request, object.meta);
    const meta = await withWriter(services, async (writer) => {
      const { md5, checksums } = await copyBytes(object, writer.write.bind(writer), {
        names: upload.checksum === undefined ? [] : [upload.checksum.name],
        range,
        check: () => requireOpen(services),
      });
      const size = range === undefined ? object.meta.size : range.last - range.first + 1;
      const part = partMeta(context, { size, etag: md5, checksums });
      await writer.finish(part);
      await services.uploads.addPart(uploadId, number, writer);
      return part;
    });
    return xmlReply(element('CopyPartResult', resultElements(meta)));
  } finally {
    await object.handle.close();
  }
};

/** `x-amz-copy-source-range: bytes=first-last`; unlike a read's, it must lie within the object. */
function sourceRange(request: S3Request, { size }: ObjectMeta): ByteRange | undefined {
  const text = request.headers.get('x-amz-copy-source-range');
  if (text === undefined) return undefined;
  const match = /^bytes=(\d+)-(\d+)$/.exec(text);
  const [first, last] = [Number(match?.[1]), Number(match?.[2])];
  if (match === null || first > last || last >= size) {
    throw new S3Error(
      'InvalidArgument',
      `expected x-amz-copy-source-range bytes=first-last within ${size} bytes, got ${JSON.stringify(text)}`,
    );
  }
  return { first, last };
}

function resultElements(meta: ObjectMeta): ReturnType<typeof element>[] {
  return [
    element('ETag', `"${meta.etag}"`),
    element('LastModified', new Date(meta.lastModified).toISOString()),
    ...checksumElements(meta).filter(({ name }) => name !== 'ChecksumType'),
  ];
}
