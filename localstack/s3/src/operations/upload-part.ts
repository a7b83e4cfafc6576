import { S3Error } from '../errors.ts';
import { emptyReply } from '../http/reply.ts';
import type { S3Request } from '../http/request.ts';
import { receivePayload } from '../payload/receive.ts';
import type { ObjectMeta } from '../storage/object-meta.ts';
import { bucketOf, keyOf, type Operation, type OperationContext, withWriter } from './context.ts';
import { checksumHeaders } from './object-headers.ts';

const MAX_PART_BYTES = 5 * 2 ** 30;
const MAX_PARTS = 10_000;

export const uploadPart: Operation = async (context) => {
  const { request, authorization, services } = context;
  const [bucket, key] = [bucketOf(context), keyOf(context)];
  const uploadId = uploadIdOf(request);
  const number = partNumberOf(request);
  const upload = await services.uploads.require(uploadId, bucket, key);
  return withWriter(services, async (writer) => {
    const write = (bytes: Uint8Array): Promise<void> => writer.write(bytes);
    const alsoCompute = upload.checksum?.name;
    const payload = await receivePayload({
      request,
      authorization,
      write,
      alsoCompute,
      maxBytes: MAX_PART_BYTES,
    });
    const { size, md5: etag, checksums: got } = payload;
    const meta = partMeta(context, { size, etag, checksums: got });
    await writer.finish(meta);
    await services.uploads.addPart(uploadId, number, writer);
    const { 'x-amz-checksum-type': _ofObjectsOnly, ...checksums } = checksumHeaders(meta);
    return emptyReply(200, { etag: `"${meta.etag}"`, ...checksums });
  });
};

/** A part is stored like an object, without headers of its own. */
export function partMeta(
  context: OperationContext,
  part: Pick<ObjectMeta, 'size' | 'etag' | 'checksums'>,
): ObjectMeta {
  return {
    key: keyOf(context),
    lastModified: context.services.now().getTime(),
    sequencer: '',
    headers: {},
    userMetadata: {},
    checksumType: 'FULL_OBJECT',
    ...part,
  };
}

export function uploadIdOf(request: S3Request): string {
  return request.query.get('uploadId') ?? '';
}

/** @throws S3Error InvalidArgument */
export function partNumberOf(request: S3Request): number {
  const text = request.query.get('partNumber') ?? '';
  const number = Number(text);
  if (!/^\d{1,5}$/.test(text) || number < 1 || number > MAX_PARTS) {
    throw new S3Error(
      'InvalidArgument',
      `expected partNumber from 1 to ${MAX_PARTS}, got ${JSON.stringify(text)}`,
    );
  }
  return number;
}
