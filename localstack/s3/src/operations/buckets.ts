import { S3Error } from '../errors.ts';
import { emptyReply, xmlReply } from '../http/reply.ts';
import { document, element, parseXml } from '../http/xml.ts';
import { bucketOf, type Operation } from './context.ts';
import { readText } from './xml-body.ts';

export const REGION = 'us-east-1';

export const listBuckets: Operation = async ({ services }) => {
  const buckets = services.buckets
    .all()
    .map(({ name, createdAt }) =>
      element('Bucket', [element('Name', name), element('CreationDate', new Date(createdAt).toISOString())]),
    );
  const owner = element('Owner', [
    element('ID', services.accessKeyId),
    element('DisplayName', services.accessKeyId),
  ]);
  return xmlReply(element('ListAllMyBucketsResult', [owner, element('Buckets', buckets)]));
};

export const createBucket: Operation = async (context) => {
  const text = await readText(context);
  if (text.trim() !== '') parseXml(text, 'CreateBucketConfiguration');
  const name = bucketOf(context);
  await context.services.buckets.create(name);
  return emptyReply(200, { location: `/${name}` });
};

export const headBucket: Operation = async (context) => {
  context.services.buckets.require(bucketOf(context));
  return emptyReply(200, { 'x-amz-bucket-region': REGION });
};

export const deleteBucket: Operation = async (context) => {
  const name = bucketOf(context);
  const pending = (await context.services.uploads.all()).some((upload) => upload.bucket === name);
  if (pending) throw new S3Error('BucketNotEmpty', 'The bucket still has multipart uploads in progress.');
  await context.services.buckets.remove(name);
  return emptyReply(204);
};

/** Empty, which is how S3 says us-east-1. */
export const getBucketLocation: Operation = async (context) => {
  context.services.buckets.require(bucketOf(context));
  return {
    status: 200,
    headers: { 'content-type': 'application/xml' },
    body: document(element('LocationConstraint', '')),
  };
};
