// Which notifications reach a function: by bucket, event pattern, prefix and suffix of the decoded key.
import { decodeKey, withoutPrefix, type S3EventRecord } from './event.ts';

export const S3_EVENTS = [
  's3:ObjectCreated:*',
  's3:ObjectCreated:Put',
  's3:ObjectCreated:Post',
  's3:ObjectCreated:Copy',
  's3:ObjectCreated:CompleteMultipartUpload',
  's3:ObjectRemoved:*',
  's3:ObjectRemoved:Delete',
  's3:ObjectRemoved:DeleteMarkerCreated',
] as const;

export interface S3Rule {
  readonly bucket: string;
  readonly event: (typeof S3_EVENTS)[number];
  readonly prefix: string;
  readonly suffix: string;
  /** Where a record of this rule goes when it is given up. */
  readonly onFailureTopic?: string | undefined;
}

/** The first rule that the record matches. */
export function matchingRule(record: S3EventRecord, rules: readonly S3Rule[]): S3Rule | undefined {
  const key = decodeKey(record.s3.object.key);
  return rules.find(
    (rule) =>
      rule.bucket === record.s3.bucket.name &&
      matchesPattern(record.eventName, withoutPrefix(rule.event)) &&
      key.startsWith(rule.prefix) &&
      key.endsWith(rule.suffix),
  );
}

function matchesPattern(eventName: string, pattern: string): boolean {
  return pattern.endsWith('*') ? eventName.startsWith(pattern.slice(0, -1)) : eventName === pattern;
}
