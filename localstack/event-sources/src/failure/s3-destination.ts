// A bucket for records given up: one invocation record a batch, with the event in it.
import type { S3Client } from '@aws-sdk/client-s3';
import { randomUUID } from 'node:crypto';
import { backoffMs, wait } from '../backoff.ts';
import { describeError } from '../errors.ts';
import type { Log } from '../log.ts';
import { partitionKey, type EventSourceIdentity } from '../msk/event.ts';
import type { FailedBatch, FailureDestination } from './destination.ts';
import { invocationRecord, invocationRecordKey, type InvocationContext } from './invocation-record.ts';

export interface S3DestinationOptions {
  readonly bucket: string;
  /** URL; by default as the SDK finds it. */
  readonly endpoint?: string | undefined;
  readonly region: string;
  readonly identity: EventSourceIdentity;
  readonly functionName: string;
  readonly mappingId: string;
  readonly log: Log;
}

const BACKOFF = { initialMs: 200, maxMs: 5000 };

export function s3Destination(options: S3DestinationOptions): FailureDestination {
  const { bucket, functionName, region, identity, log } = options;
  const functionArn = `arn:aws:lambda:${region}:000000000000:function:${functionName}`;
  let client: Promise<S3Client> | undefined;
  return {
    name: `arn:aws:s3:::${bucket}`,
    async publish(batch, wanted) {
      for (let failures = 1; wanted(); failures++) {
        try {
          client ??= createClient(options);
          const context = { identity, functionArn, requestId: randomUUID(), now: new Date() };
          await putRecord(await client, batch, { options, context });
          return true;
        } catch (error) {
          const retryInMs = backoffMs(BACKOFF, failures);
          log.error({
            event: 'on_failure_publish_failed',
            function: functionName,
            bucket,
            retry_in_ms: retryInMs,
            error: describeError(error),
          });
          await wait(retryInMs);
        }
      }
      return false;
    },
    close: async () => (await client)?.destroy(),
  };
}

/** Loaded here, since it takes a while and most mappings need none. */
async function createClient({ endpoint, region }: S3DestinationOptions): Promise<S3Client> {
  const { S3Client: Client } = await import('@aws-sdk/client-s3');
  return new Client({ region, forcePathStyle: true, ...(endpoint === undefined ? {} : { endpoint }) });
}

interface Put {
  readonly options: S3DestinationOptions;
  readonly context: InvocationContext;
}

async function putRecord(client: S3Client, batch: FailedBatch, { options, context }: Put): Promise<void> {
  const [first] = batch.records;
  if (first === undefined) return;
  const { PutObjectCommand } = await import('@aws-sdk/client-s3');
  const Key = invocationRecordKey(options.mappingId, partitionKey(first.record), context);
  const Body = JSON.stringify(invocationRecord(batch, context));
  await client.send(
    new PutObjectCommand({ Bucket: options.bucket, Key, Body, ContentType: 'application/json' }),
  );
}
