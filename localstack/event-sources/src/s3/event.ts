// S3 event records: MinIO's or AWS's in, exactly AWS's out.
import { z } from 'zod';

const text = z.string().default('');

const notificationRecordSchema = z.object({
  eventVersion: text,
  awsRegion: text,
  eventTime: z.string(),
  eventName: z.string(),
  userIdentity: z.object({ principalId: text }).prefault({}),
  requestParameters: z.object({ sourceIPAddress: text }).prefault({}),
  responseElements: z.record(z.string(), z.string()).default({}),
  s3: z.object({
    configurationId: text,
    bucket: z.object({
      name: z.string(),
      ownerIdentity: z.object({ principalId: text }).prefault({}),
      arn: text,
    }),
    object: z.object({
      key: z.string(),
      size: z.number().optional(),
      eTag: z.string().optional(),
      versionId: z.string().optional(),
      sequencer: text,
    }),
  }),
});

export const notificationSchema = z.object({ Records: z.array(notificationRecordSchema).default([]) });

export type NotificationRecord = z.output<typeof notificationRecordSchema>;

export interface S3EventRecord {
  readonly eventVersion: string;
  readonly eventSource: 'aws:s3';
  readonly awsRegion: string;
  /** ISO 8601, UTC. */
  readonly eventTime: string;
  /** Without `s3:`, such as ObjectCreated:Put. */
  readonly eventName: string;
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
      /** Bytes; absent for a removed object. */
      readonly size?: number;
      readonly eTag?: string;
      readonly versionId?: string;
      readonly sequencer: string;
    };
  };
}

const EVENT_VERSION = '2.1';

/** @param region fills awsRegion where the record leaves it empty. */
export function toS3EventRecord(record: NotificationRecord, region: string): S3EventRecord {
  const { s3, responseElements } = record;
  return {
    eventVersion: record.eventVersion < EVENT_VERSION ? EVENT_VERSION : record.eventVersion,
    eventSource: 'aws:s3',
    awsRegion: record.awsRegion === '' ? region : record.awsRegion,
    eventTime: record.eventTime,
    eventName: withoutPrefix(record.eventName),
    userIdentity: { principalId: record.userIdentity.principalId },
    requestParameters: { sourceIPAddress: record.requestParameters.sourceIPAddress },
    responseElements: {
      'x-amz-request-id': responseElements['x-amz-request-id'] ?? '',
      'x-amz-id-2': responseElements['x-amz-id-2'] ?? '',
    },
    s3: {
      s3SchemaVersion: '1.0',
      configurationId: s3.configurationId,
      bucket: {
        name: s3.bucket.name,
        ownerIdentity: { principalId: s3.bucket.ownerIdentity.principalId },
        arn: s3.bucket.arn === '' ? `arn:aws:s3:::${s3.bucket.name}` : s3.bucket.arn,
      },
      object: toObject(s3.object),
    },
  };
}

function toObject(object: NotificationRecord['s3']['object']): S3EventRecord['s3']['object'] {
  return {
    key: encodeKey(decodeKey(object.key)),
    ...(object.size === undefined ? {} : { size: object.size }),
    ...(object.eTag === undefined ? {} : { eTag: object.eTag }),
    ...(object.versionId === undefined ? {} : { versionId: object.versionId }),
    sequencer: object.sequencer,
  };
}

export function withoutPrefix(eventName: string): string {
  return eventName.startsWith('s3:') ? eventName.slice('s3:'.length) : eventName;
}

/** @throws URIError for a key that is not form-url-encoded UTF-8. */
export function decodeKey(encoded: string): string {
  return decodeURIComponent(encoded.replaceAll('+', ' '));
}

/** As S3 writes keys into events: form-url-encoded, slashes kept. */
export function encodeKey(key: string): string {
  return encodeURIComponent(key)
    .replaceAll(/[!'()~]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+')
    .replaceAll('%2F', '/');
}
