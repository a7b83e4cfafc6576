// The event record as S3 sends it, and the envelope that Kafka targets of S3 servers put around it.
import type { EventName } from './configuration.ts';

/** The request that made the change. */
export interface EventOrigin {
  readonly requestId: string;
  readonly sourceIp: string;
  readonly accessKeyId: string;
}

/** A change of an object, as the store knows it. */
export interface ObjectChange {
  readonly bucket: string;
  readonly key: string;
  readonly eventName: EventName;
  readonly sequencer: string;
  /** Milliseconds since 1970 */
  readonly time: number;
  readonly origin: EventOrigin;
  /** Absent from a removal. */
  readonly object?: { readonly size: number; readonly etag: string };
}

export interface S3EventRecord {
  readonly eventVersion: '2.1';
  readonly eventSource: 'aws:s3';
  readonly awsRegion: 'us-east-1';
  readonly eventTime: string;
  /** Without the `s3:` prefix. */
  readonly eventName: EventName;
  readonly userIdentity: { readonly principalId: string };
  readonly requestParameters: { readonly sourceIPAddress: string };
  readonly responseElements: { readonly 'x-amz-request-id': string; readonly 'x-amz-id-2': string };
  readonly s3: {
    readonly s3SchemaVersion: '1.0';
    readonly configurationId: string;
    readonly bucket: {
      readonly name: string;
      readonly ownerIdentity: { readonly principalId: string };
      readonly arn: string;
    };
    readonly object: {
      /** Form-url-encoded, slashes kept. */
      readonly key: string;
      readonly size?: number;
      readonly eTag?: string;
      readonly sequencer: string;
    };
  };
}

export interface NotificationBody {
  readonly Records: readonly [S3EventRecord];
  /** With the `s3:` prefix. */
  readonly EventName: string;
  /** `bucket/key`, not encoded. */
  readonly Key: string;
}

export function eventRecord(change: ObjectChange, configurationId: string): S3EventRecord {
  const { origin, object } = change;
  const key = encodeEventKey(change.key);
  return {
    eventVersion: '2.1',
    eventSource: 'aws:s3',
    awsRegion: 'us-east-1',
    eventTime: new Date(change.time).toISOString(),
    eventName: change.eventName,
    userIdentity: { principalId: `AWS:${origin.accessKeyId}` },
    requestParameters: { sourceIPAddress: origin.sourceIp },
    responseElements: { 'x-amz-request-id': origin.requestId, 'x-amz-id-2': hostId(origin.requestId) },
    s3: {
      s3SchemaVersion: '1.0',
      configurationId,
      bucket: {
        name: change.bucket,
        ownerIdentity: { principalId: origin.accessKeyId },
        arn: `arn:aws:s3:::${change.bucket}`,
      },
      object:
        object === undefined
          ? { key, sequencer: change.sequencer }
          : { key, size: object.size, eTag: object.etag, sequencer: change.sequencer },
    },
  };
}

export function notificationBody(change: ObjectChange, record: S3EventRecord): NotificationBody {
  return { Records: [record], EventName: `s3:${change.eventName}`, Key: `${change.bucket}/${change.key}` };
}

/** Form-url-encoding as S3 does it: a space is `+`, a plus `%2B`, slashes stay. */
export function encodeEventKey(key: string): string {
  return encodeURIComponent(key)
    .replace(/[!'()~]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%2F', '/')
    .replaceAll('%20', '+');
}

/** The extended request id that goes with a request id. */
export function hostId(requestId: string): string {
  return Buffer.from(`flts-s3/${requestId}`).toString('base64');
}
