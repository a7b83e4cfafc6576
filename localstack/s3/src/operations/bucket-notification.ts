import { randomUUID } from 'node:crypto';
import { emptyReply, xmlReply } from '../http/reply.ts';
import { notificationElements, parseNotificationConfiguration } from '../notifications/configuration-xml.ts';
import { bucketOf, type Operation } from './context.ts';
import { readXml } from './xml-body.ts';

export const getBucketNotificationConfiguration: Operation = async (context) => {
  const bucket = context.services.buckets.require(bucketOf(context));
  return xmlReply(notificationElements(bucket.notifications));
};

/** Replaces the configuration as a whole; it holds for changes from then on. */
export const putBucketNotificationConfiguration: Operation = async (context) => {
  const { buckets, targetArns, temporaryDirectory } = context.services;
  const root = await readXml(context, 'NotificationConfiguration');
  const rules = parseNotificationConfiguration(root, { targetArns, newId: randomUUID });
  await buckets.change(bucketOf(context), (bucket) => bucket.setNotifications(rules, temporaryDirectory));
  return emptyReply(200);
};
