import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { notification } from '../../test/notifications.ts';
import { decodeKey, encodeKey, notificationSchema, toS3EventRecord } from './event.ts';

function normalise(value: unknown) {
  return notificationSchema.parse(value).Records.map((record) => toS3EventRecord(record, 'eu-west-1'));
}

function recordedByMinio(): unknown {
  const folder = new URL('../../../../../shared/fixtures/s3/', import.meta.url);
  const recorded = new URL('minio-event-kafka-put-odd-key.json', folder);
  if (existsSync(recorded)) return (JSON.parse(readFileSync(recorded, 'utf8')) as { value: unknown }).value;
  console.info('No recording of a MinIO server found: reading one of our own making.');
  return JSON.parse(String(notification({ key: 'models/a b+c é/model card.json' }).value));
}

describe('toS3EventRecord', () => {
  it("makes exactly AWS's record of MinIO's", () => {
    const value: unknown = JSON.parse(String(notification({ key: 'a/b c+d é~(1)!.csv' }).value));
    expect(normalise(value)).toEqual([
      {
        eventVersion: '2.1',
        eventSource: 'aws:s3',
        awsRegion: 'eu-west-1',
        eventTime: '2026-01-02T03:04:05.678Z',
        eventName: 'ObjectCreated:Put',
        userIdentity: { principalId: 'someone' },
        requestParameters: { sourceIPAddress: '127.0.0.1' },
        responseElements: { 'x-amz-request-id': 'request', 'x-amz-id-2': 'host' },
        s3: {
          s3SchemaVersion: '1.0',
          configurationId: 'Config',
          bucket: {
            name: 'uploads',
            ownerIdentity: { principalId: 'someone' },
            arn: 'arn:aws:s3:::uploads',
          },
          object: {
            key: 'a/b+c%2Bd+%C3%A9%7E%281%29%21.csv',
            size: 7,
            eTag: 'abc',
            sequencer: '18EAB416F43B046E',
          },
        },
      },
    ]);
  });

  it('leaves a record that is already as AWS sends it unchanged', () => {
    const value: unknown = JSON.parse(String(notification({ key: 'x y.csv' }).value));
    const once = normalise(value);
    expect(normalise({ Records: once })).toEqual(once);
  });

  it('keeps a newer event version and a region', () => {
    const value = JSON.parse(String(notification({ key: 'x' }).value)) as { Records: object[] };
    Object.assign(value.Records[0]!, { eventVersion: '2.6', awsRegion: 'us-west-2' });
    expect(normalise(value)[0]).toMatchObject({ eventVersion: '2.6', awsRegion: 'us-west-2' });
  });

  it('reads what a MinIO server really published', () => {
    expect(normalise(recordedByMinio())[0]).toMatchObject({
      eventSource: 'aws:s3',
      eventName: 'ObjectCreated:Put',
      s3: { object: { key: 'models/a+b%2Bc+%C3%A9/model+card.json', size: 7 } },
    });
  });
});

describe('keys', () => {
  it.each(['plain.csv', 'a b/c+d', 'ü/é 日本.csv', "(1)!'~*", '100%.csv', 'a&b=c?d#e'])(
    'come back from their encoding: %s',
    (key) => {
      expect(decodeKey(encodeKey(key))).toBe(key);
    },
  );
});
