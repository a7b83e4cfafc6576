import { emptyReply, xmlReply } from '../http/reply.ts';
import type { Tag } from '../storage/object-meta.ts';
import {
  bucketOf,
  keyOf,
  type Operation,
  type OperationContext,
  requireOpen,
  withWriter,
} from './context.ts';
import { parseTags, tagElements } from './tags.ts';
import { readXml } from './xml-body.ts';

export const getObjectTagging: Operation = async (context) => {
  const { tags = [] } = context.services.objects.head(bucketOf(context), keyOf(context));
  return xmlReply(tagElements(tags));
};

/** Replaces all tags. */
export const putObjectTagging: Operation = async (context) => {
  await setTags(context, parseTags(await readXml(context, 'Tagging')));
  return emptyReply(200);
};

export const deleteObjectTagging: Operation = async (context) => {
  await setTags(context, []);
  return emptyReply(204);
};

async function setTags(context: OperationContext, tags: readonly Tag[]): Promise<void> {
  const { services } = context;
  const [bucket, key] = [bucketOf(context), keyOf(context)];
  const check = (): void => requireOpen(services);
  await withWriter(services, (writer) => services.objects.setTags({ bucket, key, tags, writer, check }));
}
