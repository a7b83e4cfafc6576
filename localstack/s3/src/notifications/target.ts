import type { NotificationBody } from './event-record.ts';

export interface NotificationMessage {
  readonly bucket: string;
  /** Decoded */
  readonly key: string;
  readonly body: NotificationBody;
}

/** Where notifications go. */
export interface NotificationTarget {
  /** The QueueArn that a bucket's configuration names it by. */
  readonly arn: string;
  /** Resolves once the target has the message for good; a rejection means that it is delivered again later. */
  deliver(message: NotificationMessage): Promise<void>;
  close?(): Promise<void>;
}
