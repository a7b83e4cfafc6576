import type { S3Event } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { claimIdOfUpload } from '../claims.ts';
import { DataError, ServiceError } from '../errors.ts';
import { context } from '../testing/events.ts';
import { createMemoryServices } from '../testing/memory-services.ts';
import { s3Handler, type Upload } from './s3-handler.ts';

function notification(key: string, fields: { eTag?: string; sequencer?: string } = {}): S3Event {
  const { eTag = 'e'.repeat(32), sequencer = '0A' } = fields;
  const bucket = { name: 'dataset', arn: 'arn:aws:s3:::dataset', ownerIdentity: { principalId: 'x' } };
  return {
    Records: [
      {
        eventVersion: '2.6',
        eventSource: 'aws:s3',
        awsRegion: 'us-east-1',
        eventTime: '2024-05-01T12:00:00.123Z',
        eventName: 'ObjectCreated:Put',
        userIdentity: { principalId: 'x' },
        requestParameters: { sourceIPAddress: '127.0.0.1' },
        responseElements: { 'x-amz-request-id': 'x', 'x-amz-id-2': 'x' },
        s3: {
          s3SchemaVersion: '1.0',
          configurationId: 'x',
          bucket,
          object: { key, size: 12, eTag, sequencer },
        },
      },
    ],
  };
}

function functionOf(act: (upload: Upload) => void) {
  const world = createMemoryServices();
  const handler = s3Handler({
    name: 'preprocess',
    process: async (upload) => act(upload),
    services: world.services,
  });
  return { ...world, deliver: (event: S3Event) => handler(event, context) };
}

describe('an upload', () => {
  it('reaches the stage with its key decoded and its claim made from the notification', async () => {
    const uploads: Upload[] = [];
    const { deliver } = functionOf((upload) => uploads.push(upload));
    const eTag = '"0123456789abcdef0123456789abcdef"';
    await deliver(notification('Messreihe+1%2B2+%E2%80%94+caf%C3%A9.csv', { eTag }));
    const identity = {
      bucket: 'dataset',
      key: 'Messreihe 1+2 — café.csv',
      etag: eTag.slice(1, -1),
      sequencer: '0A',
    };
    expect(uploads).toMatchObject([
      {
        bucket: 'dataset',
        key: identity.key,
        etag: identity.etag,
        size: 12,
        claimId: claimIdOfUpload(identity),
        claimedAt: '2024-05-01T12:00:00.123Z',
      },
    ]);
    expect(uploads[0]?.remainingMs()).toBe(60_000);
  });

  it('goes to DLQ-dataset with its notification where it can never succeed, and counts as handled', async () => {
    const { deliver, publisher, log } = functionOf(() => {
      throw new DataError('file_empty', 'expected a CSV file at dataset/a b.csv, got 0 bytes');
    });
    const event = notification('a+b.csv');
    await deliver(event);
    expect(publisher.sent).toMatchObject([
      {
        topic: 'DLQ-dataset',
        key: 'a b',
        headers: { dlq_error_code: 'file_empty', dlq_function: 'preprocess' },
      },
    ]);
    expect(publisher.messages('DLQ-dataset')).toEqual([event]);
    expect(log.lines).toMatchObject([
      { event: 'upload_given_up', place: 'dataset/a b.csv', code: 'file_empty' },
    ]);
  });

  it('is thrown back to the event source where another attempt may succeed', async () => {
    const error = new ServiceError('storage_unavailable', 'expected S3, got silence');
    const { deliver, publisher, log } = functionOf(() => {
      throw error;
    });
    await expect(deliver(notification('a.csv'))).rejects.toBe(error);
    expect(publisher.sent).toEqual([]);
    expect(log.lines).toMatchObject([{ event: 'upload_failed' }]);
  });

  it.each([
    ['at once where the program is wrong', new TypeError('x is undefined'), 1],
    ['after a second try where nobody can tell', new Error('something else'), 2],
  ])('is given up %s', async (_name, error, tries) => {
    let tried = 0;
    const { deliver, publisher } = functionOf(() => {
      tried += 1;
      throw error;
    });
    await deliver(notification('a.csv'));
    expect(tried).toBe(tries);
    expect(publisher.sent).toMatchObject([{ headers: { dlq_error_name: error.name } }]);
  });

  it('is thrown back where the DLQ does not take it', async () => {
    const { deliver, services } = functionOf(() => {
      throw new DataError('file_empty', 'expected rows, got none');
    });
    services.publisher.send = async () => {
      throw new ServiceError('broker_unavailable', 'expected the broker, got silence');
    };
    await expect(deliver(notification('a.csv'))).rejects.toMatchObject({ code: 'broker_unavailable' });
  });
});
