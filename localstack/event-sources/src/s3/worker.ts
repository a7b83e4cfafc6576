// Works one partition of the notification topic: several invokes at a time, offsets committed in order.
import { backoffMs, wait, type BackoffSettings } from '../backoff.ts';
import { describeError, type ErrorDescription } from '../errors.ts';
import type { PartitionSource } from '../kafka/partition-source.ts';
import type { KafkaRecord } from '../kafka/record.ts';
import { unreadableError } from '../kafka/unreadable-batch.ts';
import type { Log } from '../log.ts';
import type { Invoke } from '../msk/partition-work.ts';
import type { OnFailurePublisher } from '../failure/on-failure.ts';
import type { Concurrency } from '../concurrency.ts';
import { decodeKey, notificationSchema, toS3EventRecord, type S3EventRecord } from './event.ts';
import { matchingRule, type S3Rule } from './filter.ts';
import { LowWaterMark } from './low-water-mark.ts';

/** Asynchronous invocation: two more attempts after an error. */
export const ASYNC_ATTEMPTS = 3;

export interface NotificationWork {
  readonly functionName: string;
  readonly rules: readonly S3Rule[];
  /** For records that name no region. */
  readonly region: string;
  readonly backoff: BackoffSettings;
  readonly concurrency: Concurrency;
  readonly invoke: Invoke;
  readonly onFailure: OnFailurePublisher;
  readonly log: Log;
}

/** Works until the source closes and every invoke that had begun is over. Never rejects. */
export async function workNotifications(source: PartitionSource, work: NotificationWork): Promise<void> {
  const mark = new LowWaterMark();
  const running = new Set<Promise<void>>();
  const commits = new OrderedCommits(source, mark);
  while (!source.signal.aborted) {
    const records = await source.pull();
    for (const record of records) mark.begin(record.offset);
    for (const record of records) {
      if (record.unreadable !== undefined) {
        if (await giveUpBatch(source, record, work)) mark.done(record.offset);
        continue;
      }
      const matched = matchedRecords(record, work);
      if (matched.length === 0) {
        mark.done(record.offset);
        continue;
      }
      await work.concurrency.enter();
      if (source.signal.aborted) {
        work.concurrency.leave();
        break;
      }
      const handled = handleNotification(source, record, matched, work)
        .then((isDone) => {
          if (!isDone) return;
          mark.done(record.offset);
          commits.request();
        })
        .finally(() => {
          work.concurrency.leave();
          running.delete(handled);
        });
      running.add(handled);
    }
    commits.request();
  }
  await Promise.all(running);
  await commits.settled();
}

/** Commits the mark whenever it has moved, one commit at a time. */
class OrderedCommits {
  readonly #source: PartitionSource;
  readonly #mark: LowWaterMark;
  #committed: number | undefined;
  #running: Promise<void> | undefined;

  constructor(source: PartitionSource, mark: LowWaterMark) {
    this.#source = source;
    this.#mark = mark;
  }

  request(): void {
    this.#running ??= this.#commit().finally(() => (this.#running = undefined));
  }

  async settled(): Promise<void> {
    await this.#running;
  }

  async #commit(): Promise<void> {
    for (;;) {
      const offset = this.#mark.mark;
      if (offset === undefined || offset === this.#committed) return;
      if (!(await this.#source.commit(offset))) return;
      this.#committed = offset;
    }
  }
}

interface Matched {
  readonly record: S3EventRecord;
  readonly rule: S3Rule;
}

function matchedRecords(
  record: KafkaRecord,
  { rules, region, log, functionName }: NotificationWork,
): Matched[] {
  try {
    const notification = notificationSchema.parse(JSON.parse(record.value?.toString('utf8') ?? '{}'));
    return notification.Records.flatMap((entry) => {
      const s3Record = toS3EventRecord(entry, region);
      const rule = matchingRule(s3Record, rules);
      return rule === undefined ? [] : [{ record: s3Record, rule }];
    });
  } catch (error) {
    const { topic, partition, offset } = record;
    const place = { topic, partition, offset };
    log.error({
      event: 's3_notification_unreadable',
      function: functionName,
      ...place,
      error: describeError(error),
    });
    return [];
  }
}

/** Resolves to true when the notification is handled, successfully or given up. */
async function handleNotification(
  source: PartitionSource,
  notification: KafkaRecord,
  matched: readonly Matched[],
  work: NotificationWork,
): Promise<boolean> {
  for (const each of matched) {
    if (!(await handleObject(source, notification, each, work))) return false;
  }
  return true;
}

async function handleObject(
  source: PartitionSource,
  notification: KafkaRecord,
  { record, rule }: Matched,
  work: NotificationWork,
): Promise<boolean> {
  const event = { Records: [record] };
  for (let attempt = 1; !source.signal.aborted; attempt++) {
    try {
      await work.invoke(event);
      return true;
    } catch (cause) {
      const error = describeError(cause);
      const isLast = attempt === ASYNC_ATTEMPTS;
      const retryInMs = isLast ? null : backoffMs(work.backoff, attempt);
      logFailure(notification, record, { work, attempt, retryInMs, error });
      if (isLast) return giveUp(source, notification, { record, rule, work, error });
      await wait(retryInMs ?? 0, source.signal);
    }
  }
  return false;
}

/** Nobody can tell whose notifications it held: each on-failure topic of the function gets it. False where the partition was lost. */
async function giveUpBatch(
  source: PartitionSource,
  record: KafkaRecord,
  work: NotificationWork,
): Promise<boolean> {
  const { topic, partition, offset, unreadable } = record;
  if (unreadable === undefined) return true;
  const error = describeError(unreadableError(unreadable));
  const topics = new Set(work.rules.flatMap(({ onFailureTopic }) => onFailureTopic ?? []));
  for (const destination of topics) {
    const givenUp = { ...record, attempts: 0, error };
    if (!(await work.onFailure.publish(destination, [givenUp], () => source.owned))) return false;
  }
  const { functionName, log } = work;
  const place = { topic, partition, offset, attempts: 0, destination: [...topics].join() || null };
  log.error({ event: 'record_given_up', function: functionName, ...place, error });
  return true;
}

interface Failing {
  readonly record: S3EventRecord;
  readonly rule: S3Rule;
  readonly work: NotificationWork;
  readonly error: ErrorDescription;
}

async function giveUp(
  source: PartitionSource,
  { topic, partition, offset, headers }: KafkaRecord,
  { record, rule, work, error }: Failing,
): Promise<boolean> {
  const place = { topic, partition, offset, attempts: ASYNC_ATTEMPTS };
  if (rule.onFailureTopic !== undefined) {
    const key = decodeKey(record.s3.object.key);
    const value = JSON.stringify({ Records: [record] });
    const givenUp = { key, value, headers, ...place, error };
    if (!(await work.onFailure.publish(rule.onFailureTopic, [givenUp], () => source.owned))) return false;
  }
  const destination = rule.onFailureTopic ?? null;
  const { functionName, log } = work;
  log.error({
    event: 'record_given_up',
    function: functionName,
    ...place,
    ...objectOf(record),
    destination,
    error,
  });
  return true;
}

function logFailure(
  { topic, partition, offset }: KafkaRecord,
  record: S3EventRecord,
  { work, attempt, retryInMs, error }: LoggedFailure,
): void {
  work.log.warn({
    event: 'batch_failed',
    function: work.functionName,
    topic,
    partition,
    offset,
    ...objectOf(record),
    attempt,
    retry_in_ms: retryInMs,
    error,
  });
}

interface LoggedFailure {
  readonly work: NotificationWork;
  readonly attempt: number;
  readonly retryInMs: number | null;
  readonly error: ErrorDescription;
}

function objectOf(record: S3EventRecord): { bucket: string; key: string } {
  return { bucket: record.s3.bucket.name, key: decodeKey(record.s3.object.key) };
}
