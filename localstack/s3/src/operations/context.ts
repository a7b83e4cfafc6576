// What every operation is given.
import type { Authorization } from '../auth/authorize.ts';
import { S3Error } from '../errors.ts';
import type { Reply } from '../http/reply.ts';
import type { S3Request } from '../http/request.ts';
import type { EventOrigin } from '../notifications/event-record.ts';
import type { Buckets } from '../storage/buckets.ts';
import { ObjectFileWriter } from '../storage/object-file.ts';
import type { ObjectStore } from '../storage/objects.ts';
import type { Uploads } from '../storage/uploads.ts';

export interface Services {
  readonly buckets: Buckets;
  readonly objects: ObjectStore;
  readonly uploads: Uploads;
  readonly temporaryDirectory: string;
  /** The QueueArns that a notification configuration may name. */
  readonly targetArns: ReadonlySet<string>;
  readonly accessKeyId: string;
  readonly now: () => Date;
  /** Whether the server is closing: long copies then stop. */
  readonly closing: () => boolean;
}

export interface OperationContext {
  readonly request: S3Request;
  readonly authorization: Authorization;
  readonly services: Services;
}

export type Operation = (context: OperationContext) => Promise<Reply>;

/** The bucket's name; routes guarantee that there is one. */
export function bucketOf({ request }: OperationContext): string {
  if (request.bucket === undefined) throw new S3Error('InvalidRequest', 'expected a bucket in the path');
  return request.bucket;
}

export function keyOf({ request }: OperationContext): string {
  if (request.key === undefined) throw new S3Error('InvalidRequest', 'expected a key in the path');
  return request.key;
}

export function originOf({ request, services }: OperationContext): EventOrigin {
  const { requestId, sourceIp } = request;
  return { requestId, sourceIp, accessKeyId: services.accessKeyId };
}

/** Runs a task with a file written aside, which is thrown away unless the task had it renamed. */
export async function withWriter<T>(
  services: Services,
  task: (writer: ObjectFileWriter) => Promise<T>,
): Promise<T> {
  const writer = await ObjectFileWriter.create(services.temporaryDirectory);
  try {
    return await task(writer);
  } finally {
    await writer.discard();
  }
}

export function requireOpen(services: Services): void {
  if (services.closing()) throw new S3Error('ServiceUnavailable');
}
