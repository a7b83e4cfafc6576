// Which operation a request means: a line an operation.
import { S3Error } from '../errors.ts';
import type { S3Request } from '../http/request.ts';
import { abortMultipartUpload } from './abort-multipart-upload.ts';
import {
  getBucketNotificationConfiguration,
  putBucketNotificationConfiguration,
} from './bucket-notification.ts';
import { createBucket, deleteBucket, getBucketLocation, headBucket, listBuckets } from './buckets.ts';
import { completeMultipartUpload } from './complete-multipart-upload.ts';
import type { Operation } from './context.ts';
import { copyObject } from './copy-object.ts';
import { createMultipartUpload } from './create-multipart-upload.ts';
import { deleteObject } from './delete-object.ts';
import { deleteObjects } from './delete-objects.ts';
import { getObject, headObject } from './get-object.ts';
import { listMultipartUploads } from './list-multipart-uploads.ts';
import { listObjectsV2 } from './list-objects-v2.ts';
import { listObjects } from './list-objects.ts';
import { listParts } from './list-parts.ts';
import { deleteObjectTagging, getObjectTagging, putObjectTagging } from './object-tagging.ts';
import { putObject } from './put-object.ts';
import { refuseUnsupported } from './unsupported.ts';
import { uploadPartCopy } from './upload-part-copy.ts';
import { uploadPart } from './upload-part.ts';

interface Route {
  readonly method: string;
  readonly on: 'service' | 'bucket' | 'object';
  /** The query parameter that selects the operation; without one, none of those that select may be there. */
  readonly parameter?: string;
  /** The header that selects the operation. */
  readonly header?: string;
  readonly run: Operation;
}

/** Of those that fit, the first is taken: what asks for more comes before what asks for less. */
const ROUTES: readonly Route[] = [
  { method: 'GET', on: 'service', run: listBuckets },
  { method: 'HEAD', on: 'bucket', run: headBucket },
  { method: 'DELETE', on: 'bucket', run: deleteBucket },
  { method: 'GET', on: 'bucket', parameter: 'location', run: getBucketLocation },
  { method: 'GET', on: 'bucket', parameter: 'notification', run: getBucketNotificationConfiguration },
  { method: 'PUT', on: 'bucket', parameter: 'notification', run: putBucketNotificationConfiguration },
  { method: 'PUT', on: 'bucket', run: createBucket },
  { method: 'GET', on: 'bucket', parameter: 'uploads', run: listMultipartUploads },
  { method: 'GET', on: 'bucket', parameter: 'list-type', run: listObjectsV2 },
  { method: 'GET', on: 'bucket', run: listObjects },
  { method: 'POST', on: 'bucket', parameter: 'delete', run: deleteObjects },
  { method: 'PUT', on: 'object', parameter: 'tagging', run: putObjectTagging },
  { method: 'GET', on: 'object', parameter: 'tagging', run: getObjectTagging },
  { method: 'DELETE', on: 'object', parameter: 'tagging', run: deleteObjectTagging },
  {
    method: 'PUT',
    on: 'object',
    parameter: 'uploadId',
    header: 'x-amz-copy-source',
    run: uploadPartCopy,
  },
  { method: 'PUT', on: 'object', parameter: 'uploadId', run: uploadPart },
  { method: 'GET', on: 'object', parameter: 'uploadId', run: listParts },
  { method: 'POST', on: 'object', parameter: 'uploads', run: createMultipartUpload },
  { method: 'POST', on: 'object', parameter: 'uploadId', run: completeMultipartUpload },
  { method: 'DELETE', on: 'object', parameter: 'uploadId', run: abortMultipartUpload },
  { method: 'PUT', on: 'object', header: 'x-amz-copy-source', run: copyObject },
  { method: 'PUT', on: 'object', run: putObject },
  { method: 'GET', on: 'object', run: getObject },
  { method: 'HEAD', on: 'object', run: headObject },
  { method: 'DELETE', on: 'object', run: deleteObject },
];

/** @throws S3Error NotImplemented, MethodNotAllowed */
export function findOperation(request: S3Request): Operation {
  const on = request.bucket === undefined ? 'service' : request.key === undefined ? 'bucket' : 'object';
  const chosen = ROUTES.find(
    (route) =>
      route.on === on &&
      route.method === request.method &&
      (route.parameter === undefined || request.query.has(route.parameter)) &&
      (route.header === undefined || request.headers.has(route.header)),
  );
  refuseUnsupported(request, chosen?.parameter);
  if (chosen === undefined)
    throw new S3Error('MethodNotAllowed', `expected another method than ${request.method} on a ${on}`);
  return chosen.run;
}
