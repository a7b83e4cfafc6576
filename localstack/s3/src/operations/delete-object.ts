import { emptyReply } from '../http/reply.ts';
import { bucketOf, keyOf, originOf, type Operation } from './context.ts';

/** 204 whether or not there was an object, unless If-Match says which must be there. */
export const deleteObject: Operation = async (context) => {
  const condition = { ifMatch: context.request.headers.get('if-match'), ifAbsent: false };
  await context.services.objects.remove({
    bucket: bucketOf(context),
    key: keyOf(context),
    condition,
    origin: originOf(context),
  });
  return emptyReply(204);
};
