import middy from '@middy/core';
import type { Context, S3Event, S3EventRecord } from 'aws-lambda';
import { claimIdOfUpload, datasetObject, decodeObjectKey } from '../claims.ts';
import { describeError, tryTwice } from '../errors.ts';
import { createServices, type Services } from '../services.ts';
import { DLQ_DATASET } from '../topics.ts';
import { dlqHeaders } from './kafka-handler.ts';

/** An object-created notification as the stage sees it. */
export interface Upload {
  readonly bucket: string;
  /** Decoded. */
  readonly key: string;
  /** Without quotes. */
  readonly etag: string;
  readonly size: number;
  readonly claimId: string;
  /** The notification's eventTime, ISO 8601 UTC. */
  readonly claimedAt: string;
  readonly remainingMs: () => number;
}

export interface S3HandlerOptions {
  readonly name: string;
  readonly process: (upload: Upload, services: Services) => Promise<void>;
  readonly services?: Services;
}

/**
 * The middleware of the upload-triggered function. An upload whose error is not retryable goes to DLQ-dataset with
 * its notification and counts as handled; any other error is thrown, so that the event source tries again.
 */
export function s3Handler(options: S3HandlerOptions): (event: S3Event, context: Context) => Promise<void> {
  let services: Services | undefined = options.services;
  return middy<S3Event, void>(async (event: S3Event, context: Context) => {
    services ??= createServices(options.name);
    for (const record of event.Records) await processUpload(record, { ...options, services }, context);
  });
}

async function processUpload(
  record: S3EventRecord,
  { name, process, services }: S3HandlerOptions & { services: Services },
  context: Context,
): Promise<void> {
  const upload = toUpload(record, context);
  try {
    await tryTwice(() => process(upload, services));
  } catch (cause) {
    const error = describeError(cause);
    const place = `${upload.bucket}/${upload.key}`;
    services.log.error({
      event: error.retryable ? 'upload_failed' : 'upload_given_up',
      place,
      claim_id: upload.claimId,
      ...error,
      stack: cause instanceof Error ? cause.stack : undefined,
    });
    if (error.retryable) throw cause;
    const { identifier } = datasetObject(upload.key);
    const value = JSON.stringify({ Records: [record] });
    await services.publisher.send(DLQ_DATASET, [
      { key: identifier, value, headers: dlqHeaders(error, name, services.now()) },
    ]);
  }
}

/** The part of a notification's record that an upload is derived from. */
export interface UploadNotification {
  readonly eventTime: string;
  readonly s3: {
    readonly bucket: { readonly name: string };
    readonly object: {
      /** Form-url-encoded. */
      readonly key: string;
      readonly size: number;
      readonly eTag: string;
      readonly sequencer: string;
    };
  };
}

export function toUpload(
  record: UploadNotification,
  context: Pick<Context, 'getRemainingTimeInMillis'>,
): Upload {
  const bucket = record.s3.bucket.name;
  const key = decodeObjectKey(record.s3.object.key);
  const etag = record.s3.object.eTag.replaceAll('"', '');
  return {
    bucket,
    key,
    etag,
    size: record.s3.object.size,
    claimId: claimIdOfUpload({ bucket, key, etag, sequencer: record.s3.object.sequencer }),
    claimedAt: new Date(record.eventTime).toISOString(),
    remainingMs: () => context.getRemainingTimeInMillis(),
  };
}
