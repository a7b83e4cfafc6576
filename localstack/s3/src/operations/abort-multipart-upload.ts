import { emptyReply } from '../http/reply.ts';
import { bucketOf, keyOf, type Operation } from './context.ts';
import { uploadIdOf } from './upload-part.ts';

export const abortMultipartUpload: Operation = async (context) => {
  const { uploads } = context.services;
  const uploadId = uploadIdOf(context.request);
  await uploads.exclusively(uploadId, async () => {
    await uploads.require(uploadId, bucketOf(context), keyOf(context));
    await uploads.remove(uploadId);
  });
  return emptyReply(204);
};
