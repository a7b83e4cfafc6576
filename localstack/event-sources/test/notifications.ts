// Notifications as the S3 servers publish them to Kafka; the test's own values, MinIO's shape.
import type { Message } from 'kafkajs';

export interface Notified {
  readonly bucket?: string;
  /** Decoded. */
  readonly key: string;
  readonly eventName?: string;
}

export function notification({
  bucket = 'uploads',
  key,
  eventName = 's3:ObjectCreated:Put',
}: Notified): Message {
  const encoded = encodeURIComponent(key).replaceAll('%20', '+');
  const record = {
    eventVersion: '2.0',
    eventSource: 'minio:s3',
    awsRegion: '',
    eventTime: '2026-01-02T03:04:05.678Z',
    eventName,
    userIdentity: { principalId: 'someone' },
    requestParameters: { principalId: 'someone', region: '', sourceIPAddress: '127.0.0.1' },
    responseElements: { 'x-amz-id-2': 'host', 'x-amz-request-id': 'request', 'x-minio-deployment-id': 'd' },
    s3: {
      s3SchemaVersion: '1.0',
      configurationId: 'Config',
      bucket: { name: bucket, ownerIdentity: { principalId: 'someone' }, arn: `arn:aws:s3:::${bucket}` },
      object: { key: encoded, size: 7, eTag: 'abc', contentType: 'text/csv', sequencer: '18EAB416F43B046E' },
    },
    source: { host: '127.0.0.1', port: '', userAgent: 'test' },
  };
  const value = JSON.stringify({ EventName: eventName, Key: `${bucket}/${key}`, Records: [record] });
  return { key: `${bucket}/${key}`, value, partition: 0 };
}
