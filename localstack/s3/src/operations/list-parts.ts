import { S3Error } from '../errors.ts';
import { xmlReply } from '../http/reply.ts';
import { element, optional } from '../http/xml.ts';
import type { UploadedPart } from '../storage/uploads.ts';
import { CHECKSUM_NAMES } from '../payload/checksums.ts';
import { bucketOf, keyOf, type Operation } from './context.ts';
import { uploadIdOf } from './upload-part.ts';

const MAX_PARTS = 1000;

export const listParts: Operation = async (context) => {
  const { request, services } = context;
  const [bucket, key, uploadId] = [bucketOf(context), keyOf(context), uploadIdOf(request)];
  const upload = await services.uploads.require(uploadId, bucket, key);
  const marker = count(request.query.get('part-number-marker'), 0);
  const limit = Math.min(count(request.query.get('max-parts'), MAX_PARTS), MAX_PARTS);
  const after = (await services.uploads.parts(uploadId)).filter(({ number }) => number > marker);
  const page = after.slice(0, limit);
  const truncated = after.length > page.length;
  return xmlReply(
    element('ListPartsResult', [
      element('Bucket', bucket),
      element('Key', key),
      element('UploadId', uploadId),
      element('PartNumberMarker', marker),
      ...optional('NextPartNumberMarker', page.at(-1)?.number),
      element('MaxParts', limit),
      element('IsTruncated', truncated),
      ...optional('ChecksumAlgorithm', upload.checksum?.name.toUpperCase()),
      ...optional('ChecksumType', upload.checksum?.type),
      element('StorageClass', 'STANDARD'),
      ...page.map((part) => element('Part', partElements(part))),
    ]),
  );
};

function partElements({ number, meta }: UploadedPart): ReturnType<typeof element>[] {
  return [
    element('PartNumber', number),
    element('LastModified', new Date(meta.lastModified).toISOString()),
    element('ETag', `"${meta.etag}"`),
    element('Size', meta.size),
    ...CHECKSUM_NAMES.flatMap((name) => optional(`Checksum${name.toUpperCase()}`, meta.checksums[name])),
  ];
}

function count(text: string | undefined, fallback: number): number {
  if (text === undefined || text === '') return fallback;
  if (!/^\d{1,9}$/.test(text))
    throw new S3Error('InvalidArgument', `expected a count, got ${JSON.stringify(text)}`);
  return Number(text);
}
