import { S3Error } from '../errors.ts';
import { emptyReply } from '../http/reply.ts';
import type { S3Request } from '../http/request.ts';
import { receivePayload } from '../payload/receive.ts';
import { bucketOf, keyOf, type Operation, withWriter } from './context.ts';
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
    const meta = {
      key,
      size: payload.size,
      etag: payload.md5,
      lastModified: services.now().getTime(),
      sequencer: '',
      headers: {},
      userMetadata: {},
      checksums: payload.checksums,
      checksumType: 'FULL_OBJECT' as const,
    };
    await writer.finish(meta);
    await services.uploads.addPart(uploadId, number, writer);
    const { 'x-amz-checksum-type': _ofObjectsOnly, ...checksums } = checksumHeaders(meta);
    return emptyReply(200, { etag: `"${meta.etag}"`, ...checksums });
  });
};

export function uploadIdOf(request: S3Request): string {
  return request.query.get('uploadId') ?? '';
}

function partNumberOf(request: S3Request): number {
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
