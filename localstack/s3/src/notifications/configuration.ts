// A bucket's notification configuration: which events of which keys go to which target.

export interface NotificationRule {
  readonly id: string;
  readonly queueArn: string;
  /** Such as `s3:ObjectCreated:*`. */
  readonly events: readonly string[];
  readonly prefix: string;
  readonly suffix: string;
}

/** What this server reports, without the `s3:` prefix. */
export type EventName =
  | 'ObjectCreated:Put'
  | 'ObjectCreated:Copy'
  | 'ObjectCreated:CompleteMultipartUpload'
  | 'ObjectRemoved:Delete';

/** Event names of S3 that a configuration may hold here; those of versioning never happen. */
export const KNOWN_EVENTS: ReadonlySet<string> = new Set([
  's3:ObjectCreated:*',
  's3:ObjectCreated:Put',
  's3:ObjectCreated:Post',
  's3:ObjectCreated:Copy',
  's3:ObjectCreated:CompleteMultipartUpload',
  's3:ObjectRemoved:*',
  's3:ObjectRemoved:Delete',
  's3:ObjectRemoved:DeleteMarkerCreated',
]);

export function matchesRule(rule: NotificationRule, eventName: EventName, key: string): boolean {
  const full = `s3:${eventName}`;
  const named = rule.events.some(
    (event) => event === full || (event.endsWith('*') && full.startsWith(event.slice(0, -1))),
  );
  return named && key.startsWith(rule.prefix) && key.endsWith(rule.suffix);
}
