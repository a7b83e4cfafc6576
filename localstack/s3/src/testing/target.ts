// What the conformance suite runs against: the stand-in, or the real server that AWS_ENDPOINT_URL_S3 names where
// TEST_ON_SERVICES=1. It works in a bucket of its own, which is made anew for each test.
import { randomUUID } from 'node:crypto';
import { CreateBucketCommand, DeleteBucketCommand, type S3Client } from '@aws-sdk/client-s3';
import { afterTest, BUCKET as STAND_IN_BUCKET, createClient, refusal, startTestServer } from './server.ts';

export { createClient, refusal } from './server.ts';

const REAL = process.env['TEST_ON_SERVICES'] === '1' ? process.env['AWS_ENDPOINT_URL_S3'] : undefined;

export const BUCKET = REAL === undefined ? STAND_IN_BUCKET : `conformance-${randomUUID()}`;

export interface Target {
  readonly endpoint: string;
  readonly client: S3Client;
}

/** With the empty bucket BUCKET. */
export async function startTarget(): Promise<Target> {
  if (REAL === undefined) return startTestServer();
  const client = createClient(REAL);
  await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
  afterTest(() => removeBucket(client));
  return { endpoint: REAL, client };
}

/** A known difference, which the README lists: what the stand-in answers, and what MinIO does. */
export function differs<Answer>(answers: { readonly standIn: Answer; readonly minio: Answer }): Answer {
  return REAL === undefined ? answers.standIn : answers.minio;
}

/** `done`, or what the call is refused with. */
export function outcome(call: Promise<unknown>): Promise<'done' | Awaited<ReturnType<typeof refusal>>> {
  return call.then(
    () => 'done',
    () => refusal(call),
  );
}

/** With all that is in it, as MinIO allows. */
async function removeBucket(client: S3Client): Promise<void> {
  client.middlewareStack.add(
    (next) => (args) => {
      const { headers } = Object(args.request);
      headers['x-minio-force-delete'] = 'true';
      return next(args);
    },
    { step: 'build', name: 'force-delete' },
  );
  await client.send(new DeleteBucketCommand({ Bucket: BUCKET })).catch((cause: Error) => {
    if (cause.name !== 'NoSuchBucket') throw cause;
  });
}
