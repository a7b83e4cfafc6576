import { S3Error } from '../errors.ts';
import { xmlReply } from '../http/reply.ts';
import type { S3Request } from '../http/request.ts';
import { element } from '../http/xml.ts';
import { requireChecksumName } from '../payload/checksums.ts';
import type { Upload } from '../storage/uploads.ts';
import { bucketOf, keyOf, type Operation } from './context.ts';
import { storedHeaders } from './object-headers.ts';
import { requestTags } from './tags.ts';

export const createMultipartUpload: Operation = async (context) => {
  const { request, services } = context;
  const [bucket, key] = [bucketOf(context), keyOf(context)];
  services.buckets.require(bucket);
  const checksum = requestedChecksum(request);
  const uploadId = await services.uploads.create({
    bucket,
    key,
    initiated: services.now().getTime(),
    ...storedHeaders(request),
    ...requestTags(request),
    ...(checksum === undefined ? {} : { checksum }),
  });
  const result = [element('Bucket', bucket), element('Key', key), element('UploadId', uploadId)];
  const headers: Record<string, string> =
    checksum === undefined
      ? {}
      : { 'x-amz-checksum-algorithm': checksum.name.toUpperCase(), 'x-amz-checksum-type': checksum.type };
  return xmlReply(element('InitiateMultipartUploadResult', result), headers);
};

/** CRCs may be asked for over the whole object; hashes only as a hash of the parts' hashes. */
function requestedChecksum(request: S3Request): Upload['checksum'] {
  const algorithm = request.headers.get('x-amz-checksum-algorithm');
  const type = request.headers.get('x-amz-checksum-type') ?? 'COMPOSITE';
  if (algorithm === undefined) return undefined;
  const name = requireChecksumName(algorithm);
  if (type !== 'COMPOSITE' && type !== 'FULL_OBJECT') {
    throw new S3Error(
      'InvalidArgument',
      `expected x-amz-checksum-type COMPOSITE or FULL_OBJECT, got ${JSON.stringify(type)}`,
    );
  }
  if (type === 'FULL_OBJECT' && !name.startsWith('crc')) {
    throw new S3Error('InvalidRequest', `expected the checksum type COMPOSITE with ${name}, got ${type}`);
  }
  return { name, type };
}
