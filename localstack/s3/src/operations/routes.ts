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
import { listObjectsV2 } from './list-objects-v2.ts';
import { listObjects } from './list-objects.ts';
import { listParts } from './list-parts.ts';
import { putObject } from './put-object.ts';
import { refuseUnsupported } from './unsupported.ts';
import { uploadPart } from './upload-part.ts';

interface Route {
  readonly method: string;
  readonly on: 'service' | 'bucket' | 'object';
  /** The query parameter that selects the operation; without one, none may be there. */
  readonly parameter?: string;
  /** The header that selects the operation. */
  readonly header?: string;
  readonly run: Operation;
}

const ROUTES: readonly Route[] = [
  { method: 'GET', on: 'service', run: listBuckets },
  { method: 'PUT', on: 'bucket', run: createBucket },
  { method: 'HEAD', on: 'bucket', run: headBucket },
  { method: 'DELETE', on: 'bucket', run: deleteBucket },
  { method: 'GET', on: 'bucket', parameter: 'location', run: getBucketLocation },
  { method: 'GET', on: 'bucket', parameter: 'notification', run: getBucketNotificationConfiguration },
  { method: 'PUT', on: 'bucket', parameter: 'notification', run: putBucketNotificationConfiguration },
  { method: 'GET', on: 'bucket', parameter: 'list-type', run: listObjectsV2 },
  { method: 'GET', on: 'bucket', run: listObjects },
  { method: 'POST', on: 'bucket', parameter: 'delete', run: deleteObjects },
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
  const candidates = ROUTES.filter((route) => route.on === on && route.method === request.method);
  const chosen =
    candidates.find(({ parameter }) => parameter !== undefined && request.query.has(parameter)) ??
    candidates.find(({ header }) => header !== undefined && request.headers.has(header)) ??
    candidates.find(({ parameter, header }) => parameter === undefined && header === undefined);
  refuseUnsupported(request, chosen?.parameter);
  if (chosen === undefined)
    throw new S3Error('MethodNotAllowed', `expected another method than ${request.method} on a ${on}`);
  return chosen.run;
}
