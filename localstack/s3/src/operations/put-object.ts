import { emptyReply } from '../http/reply.ts';
import { receivePayload } from '../payload/receive.ts';
import { writeCondition } from '../storage/conditions.ts';
import { bucketOf, keyOf, originOf, type Operation, withWriter } from './context.ts';
import { checksumHeaders, storedHeaders } from './object-headers.ts';
import { requestTags } from './tags.ts';

const MAX_PUT_BYTES = 5 * 2 ** 30;

export const putObject: Operation = async (context) => {
  const { request, authorization, services } = context;
  const [bucket, key] = [bucketOf(context), keyOf(context)];
  services.buckets.require(bucket);
  const condition = writeCondition(request);
  const stored = { ...storedHeaders(request), ...requestTags(request) };
  return withWriter(services, async (writer) => {
    const write = (bytes: Uint8Array): Promise<void> => writer.write(bytes);
    const payload = await receivePayload({ request, authorization, write, maxBytes: MAX_PUT_BYTES });
    const { size, md5, checksums } = payload;
    const meta = await services.objects.put({
      bucket,
      writer,
      meta: { key, size, etag: md5, ...stored, checksums, checksumType: 'FULL_OBJECT' },
      condition,
      eventName: 'ObjectCreated:Put',
      origin: originOf(context),
    });
    return emptyReply(200, { etag: `"${meta.etag}"`, ...checksumHeaders(meta) });
  });
};
