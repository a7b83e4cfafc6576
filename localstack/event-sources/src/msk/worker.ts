// Works one partition: gathers a batch, invokes, and commits once the batch has had its effect.
import { backoffMs, wait, type BackoffSettings } from '../backoff.ts';
import { describeError, EventSourceError, type ErrorDescription } from '../errors.ts';
import type { RecordFilter } from '../filter/record-filter.ts';
import type { PartitionSource } from '../kafka/partition-source.ts';
import type { KafkaRecord } from '../kafka/record.ts';
import type { Log } from '../log.ts';
import type { OnFailurePublisher } from '../on-failure.ts';
import { AttemptCounter } from './attempts.ts';
import { gatherBatch, type BatchLimits } from './batch.ts';
import { toMskEvent, type EventSourceIdentity } from './event.ts';
import { RecordBuffer } from './record-buffer.ts';
import { failedOffsets } from './response.ts';

/** Runs the function once. A rejection is a failed attempt. */
export type Invoke = (event: unknown) => Promise<unknown>;

export interface PartitionWork {
  readonly functionName: string;
  readonly identity: EventSourceIdentity;
  readonly limits: BatchLimits;
  /** Undefined: every record reaches the function. What does not is committed all the same. */
  readonly filter: RecordFilter | undefined;
  /** Attempts after the first; -1 for ever. */
  readonly maximumRetryAttempts: number;
  readonly reportsItemFailures: boolean;
  /** Undefined: records given up are logged and dropped. */
  readonly onFailureTopic: string | undefined;
  readonly backoff: BackoffSettings;
  readonly invoke: Invoke;
  readonly onFailure: OnFailurePublisher;
  readonly log: Log;
}

interface Outcome {
  readonly failed: ReadonlySet<number>;
  readonly error: ErrorDescription | undefined;
}

/** Works until the source closes. Never rejects. */
export async function workPartition(source: PartitionSource, work: PartitionWork): Promise<void> {
  const buffer = new RecordBuffer(source, work.filter);
  while (!source.signal.aborted) {
    const batch = await gatherBatch(source, buffer, work.limits);
    if (batch.length === 0 && source.signal.aborted) return;
    const isHandled = batch.length === 0 || (await workBatch(source, batch, work));
    // Beyond the batch, this passes over what was filtered behind it.
    if (isHandled && buffer.end !== undefined) await source.commit(buffer.end);
  }
}

/** Resolves to true once each record of the batch is handled or given up. */
async function workBatch(
  source: PartitionSource,
  batch: readonly KafkaRecord[],
  work: PartitionWork,
): Promise<boolean> {
  const attempts = new AttemptCounter(work.maximumRetryAttempts);
  let rest = batch;
  while (rest.length > 0 && !source.signal.aborted) {
    const tried = rest;
    const { failed, error } = await attempt(tried, work);
    if (!source.owned) return false;
    const settled = attempts.settle(tried, failed);
    rest = settled.rest;
    const head = tried.find(({ offset }) => failed.has(offset));
    const attemptsOfHead = head === undefined ? 0 : attempts.failures(head.offset);
    const retryInMs = rest.length === 0 ? undefined : backoffMs(work.backoff, Math.max(attemptsOfHead, 1));
    if (error !== undefined && head !== undefined) {
      logFailure(work, head, { records: tried.length, attempt: attemptsOfHead, retryInMs, error });
      if (!(await giveUp(source, settled.givenUp, { work, attempts, error }))) return false;
    }
    const next = rest[0]?.offset;
    if (next !== undefined && next !== tried[0]?.offset && !(await source.commit(next))) return false;
    if (retryInMs !== undefined) await wait(retryInMs, source.signal);
  }
  return rest.length === 0;
}

async function attempt(batch: readonly KafkaRecord[], work: PartitionWork): Promise<Outcome> {
  try {
    const response = await work.invoke(toMskEvent(work.identity, batch));
    if (!work.reportsItemFailures) return { failed: new Set(), error: undefined };
    const failed = failedOffsets(response, batch);
    return { failed: new Set(failed), error: failed.length === 0 ? undefined : describeError(itemFailure()) };
  } catch (cause) {
    return { failed: new Set(batch.map(({ offset }) => offset)), error: describeError(cause) };
  }
}

function itemFailure(): EventSourceError {
  return new EventSourceError('expected every record to be handled, got the record among batchItemFailures', {
    name: 'BatchItemFailure',
    code: 'BATCH_ITEM_FAILURE',
    retryable: true,
  });
}

interface Failing {
  readonly work: PartitionWork;
  readonly attempts: AttemptCounter;
  readonly error: ErrorDescription;
}

/** Resolves to false when the partition was lost before the broker had the records. */
async function giveUp(
  source: PartitionSource,
  records: readonly KafkaRecord[],
  { work, attempts, error }: Failing,
): Promise<boolean> {
  if (records.length === 0) return true;
  const { onFailureTopic, functionName, log } = work;
  if (onFailureTopic !== undefined) {
    const givenUp = records.map((record) => ({
      ...record,
      attempts: attempts.failures(record.offset),
      error,
    }));
    const published = await work.onFailure.publish(onFailureTopic, givenUp, () => source.owned);
    if (!published) return false;
  }
  for (const { topic, partition, offset } of records) {
    const tries = attempts.failures(offset);
    const place = { topic, partition, offset, attempts: tries };
    log.error({
      event: 'record_given_up',
      function: functionName,
      ...place,
      destination: onFailureTopic ?? null,
      error: withoutStack(error),
    });
  }
  return true;
}

function logFailure(
  work: PartitionWork,
  head: KafkaRecord,
  { records, attempt: tries, retryInMs, error }: LoggedFailure,
): void {
  work.log.warn({
    event: 'batch_failed',
    function: work.functionName,
    topic: head.topic,
    partition: head.partition,
    offset: head.offset,
    records,
    attempt: tries,
    retry_in_ms: retryInMs ?? null,
    error,
  });
}

interface LoggedFailure {
  readonly records: number;
  readonly attempt: number;
  readonly retryInMs: number | undefined;
  readonly error: ErrorDescription;
}

function withoutStack({ name, code, message, retryable }: ErrorDescription): ErrorDescription {
  return { name, code, message, retryable };
}
