// Works one batch until each of its records is handled or given up: retries from the first failed record on, halves a
// batch that failed as a whole where that is asked for, and commits as it goes.
import { backoffMs, wait } from '../backoff.ts';
import type { ErrorDescription } from '../errors.ts';
import type { FailureCondition } from '../failure/destination.ts';
import type { PartitionSource } from '../kafka/partition-source.ts';
import type { KafkaRecord } from '../kafka/record.ts';
import { attempt, type Outcome } from './attempt.ts';
import { AttemptCounter } from './attempts.ts';
import { giveUp } from './give-up.ts';
import { unfitRecords } from './unfit.ts';
import type { PartitionWork } from './partition-work.ts';

interface Progress {
  readonly source: PartitionSource;
  readonly work: PartitionWork;
  readonly attempts: AttemptCounter;
}

/** What is left of a part after an attempt; undefined once the partition was lost. */
interface Settled {
  /** In order; more than one where the part was halved. */
  readonly rest: readonly (readonly KafkaRecord[])[];
  readonly retryInMs: number | undefined;
}

/** Resolves to true once each record of the batch is handled or given up, false where the source closed before. */
export async function workBatch(
  source: PartitionSource,
  batch: readonly KafkaRecord[],
  work: PartitionWork,
): Promise<boolean> {
  const attempts = new AttemptCounter(work.retry.maximumRetryAttempts);
  const parts = [batch];
  let handledTo = batch[0]?.offset;
  for (let part = parts.shift(); part !== undefined; part = parts.shift()) {
    if (source.signal.aborted) return false;
    const settled = await workPart(part, { source, work, attempts });
    if (settled === undefined) return false;
    parts.unshift(...settled.rest);
    const next = parts[0]?.[0]?.offset;
    if (next !== undefined && next !== handledTo) {
      if (!(await source.commit(next))) return false;
      handledTo = next;
    }
    if (settled.retryInMs !== undefined) await wait(settled.retryInMs, source.signal);
  }
  return true;
}

async function workPart(part: readonly KafkaRecord[], progress: Progress): Promise<Settled | undefined> {
  const { source, work, attempts } = progress;
  const unfit = unfitRecords(part, work);
  for (const { records, condition, error } of unfit) {
    if (!(await give(records, progress, { condition, error }))) return undefined;
  }
  const dropped = new Set(unfit.flatMap(({ records }) => records));
  const tried = part.filter((record) => !dropped.has(record));
  if (tried.length === 0) return { rest: [], retryInMs: undefined };
  const outcome = await attempt(tried, work);
  if (!source.owned) return undefined;
  if (outcome.isFunctionError && work.retry.bisects && tried.length > 1) {
    const retryInMs = backoffMs(work.retry.backoff, 1);
    logFailure(work, tried, { outcome, attempt: 1, retryInMs });
    return { rest: halves(tried), retryInMs };
  }
  const { givenUp, rest } = attempts.settle(tried, outcome.failed);
  const retryInMs = retryDelay(rest, tried, { outcome, progress });
  const { error } = outcome;
  if (
    error !== undefined &&
    !(await give(givenUp, progress, { condition: 'RetryAttemptsExhausted', error }))
  ) {
    return undefined;
  }
  return { rest: rest.length === 0 ? [] : [rest], retryInMs };
}

function halves(batch: readonly KafkaRecord[]): (readonly KafkaRecord[])[] {
  const middle = Math.ceil(batch.length / 2);
  return [batch.slice(0, middle), batch.slice(middle)];
}

/** Milliseconds until the rest is tried again; undefined where there is none. Logs what failed. */
function retryDelay(
  rest: readonly KafkaRecord[],
  tried: readonly KafkaRecord[],
  { outcome, progress: { work, attempts } }: { outcome: Outcome; progress: Progress },
): number | undefined {
  const head = tried.find(({ offset }) => outcome.failed.has(offset));
  if (head === undefined) return undefined;
  const attemptsOfHead = attempts.failures(head.offset);
  const [next] = rest;
  const failuresOfNext = next === undefined ? 0 : attempts.failures(next.offset);
  // What waited behind a record that is given up now need not wait any longer.
  const delay = failuresOfNext === 0 ? 0 : backoffMs(work.retry.backoff, failuresOfNext);
  const retryInMs = next === undefined ? undefined : delay;
  logFailure(work, tried, { outcome, attempt: attemptsOfHead, retryInMs });
  return retryInMs;
}

function give(
  records: readonly KafkaRecord[],
  { source, work, attempts }: Progress,
  why: { condition: FailureCondition; error: ErrorDescription },
): Promise<boolean> {
  const failed = records.map((record) => ({ record, attempts: attempts.failures(record.offset) }));
  return giveUp(source, { records: failed, ...why }, work);
}

interface LoggedFailure {
  readonly outcome: Outcome;
  readonly attempt: number;
  readonly retryInMs: number | undefined;
}

function logFailure(
  work: PartitionWork,
  tried: readonly KafkaRecord[],
  { outcome, attempt: tries, retryInMs }: LoggedFailure,
): void {
  const head = tried.find(({ offset }) => outcome.failed.has(offset));
  work.log.warn({
    event: 'batch_failed',
    function: work.functionName,
    topic: head?.topic,
    partition: head?.partition,
    offset: head?.offset,
    records: tried.length,
    attempt: tries,
    retry_in_ms: retryInMs ?? null,
    error: outcome.error,
  });
}
