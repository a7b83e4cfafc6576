// Tells the S3 server which of a bucket's events to publish.
import {
  GetBucketNotificationConfigurationCommand,
  PutBucketNotificationConfigurationCommand,
  S3Client,
  type Event,
  type FilterRule,
  type QueueConfiguration,
} from '@aws-sdk/client-s3';
import { backoffMs, wait } from '../backoff.ts';
import { describeError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { S3Rule } from './filter.ts';

export interface NotificationConfigurationOptions {
  /** URL; default: AWS_ENDPOINT_URL_S3, as the SDK reads it. */
  readonly endpoint?: string | undefined;
  readonly region: string;
  readonly queueArn: string;
  /** Names this service's configuration in each bucket, so that others' stay. */
  readonly id: string;
  readonly rules: readonly S3Rule[];
  readonly log: Log;
  readonly signal: AbortSignal;
}

const BACKOFF = { initialMs: 200, maxMs: 3000 };

/** Puts each bucket's configuration; tries again until S3 has answered for all, or the signal aborts. */
export async function configureNotifications(options: NotificationConfigurationOptions): Promise<void> {
  const { endpoint, region, rules } = options;
  const client = new S3Client({
    region,
    forcePathStyle: true,
    ...(endpoint === undefined ? {} : { endpoint }),
  });
  const buckets = [...new Set(rules.map((rule) => rule.bucket))];
  await Promise.all(
    buckets.map((bucket) => {
      const own = rules.filter((rule) => rule.bucket === bucket);
      return configureBucket(client, bucket, own, options);
    }),
  );
  client.destroy();
}

async function configureBucket(
  client: S3Client,
  bucket: string,
  rules: readonly S3Rule[],
  options: NotificationConfigurationOptions,
): Promise<void> {
  const { id, queueArn, log, signal } = options;
  for (let failures = 1; !signal.aborted; failures++) {
    try {
      const present = await client.send(new GetBucketNotificationConfigurationCommand({ Bucket: bucket }));
      const others = (present.QueueConfigurations ?? []).filter((configuration) => configuration.Id !== id);
      const own = queueConfiguration({ id, queueArn, rules });
      const NotificationConfiguration = { QueueConfigurations: [...others, own] };
      await client.send(
        new PutBucketNotificationConfigurationCommand({ Bucket: bucket, NotificationConfiguration }),
      );
      log.info({ event: 's3_notifications_configured', bucket, events: own.Events });
      return;
    } catch (error) {
      const retryInMs = backoffMs(BACKOFF, failures);
      const level = failures > 3 ? 'warn' : 'debug';
      const cause = describeError(error);
      log[level]({ event: 's3_notifications_not_configured', bucket, retry_in_ms: retryInMs, error: cause });
      await wait(retryInMs, signal);
    }
  }
}

/**
 * One configuration a bucket and service, since S3 rejects overlapping ones: the events of all rules, and the key
 * filter where all rules share it. Each function filters again what it consumes.
 */
export function queueConfiguration(options: {
  readonly id: string;
  readonly queueArn: string;
  readonly rules: readonly S3Rule[];
}): QueueConfiguration {
  const { id, queueArn, rules } = options;
  const Events: Event[] = [...new Set(rules.map((rule) => rule.event))];
  const FilterRules: FilterRule[] = (['prefix', 'suffix'] as const).flatMap((name) => {
    const values = new Set(rules.map((rule) => rule[name]));
    const [value] = values;
    return values.size === 1 && value !== undefined && value !== '' ? [{ Name: name, Value: value }] : [];
  });
  const Filter = FilterRules.length === 0 ? {} : { Filter: { Key: { FilterRules } } };
  return { Id: id, QueueArn: queueArn, Events, ...Filter };
}
