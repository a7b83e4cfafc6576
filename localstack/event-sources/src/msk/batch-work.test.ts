import { describe, expect, it } from 'vitest';
import type { FailedBatch } from '../failure/destination.ts';
import { PartitionSource } from '../kafka/partition-source.ts';
import type { KafkaRecord } from '../kafka/record.ts';
import { silentLog } from '../log.ts';
import { workBatch } from './batch-work.ts';
import type { MskInvokeEvent } from './event.ts';
import type { PartitionWork, RetrySettings } from './partition-work.ts';

const AT = 1_700_000_000_000;

function records(
  count: number,
  { bytes = 1, timestamps = [AT] }: { bytes?: number; timestamps?: number[] } = {},
) {
  return Array.from({ length: count }, (_, offset): KafkaRecord => ({
    topic: 't',
    partition: 0,
    offset,
    timestamp: timestamps[offset] ?? AT,
    timestampType: 'CREATE_TIME',
    key: null,
    value: Buffer.alloc(bytes),
    headers: {},
  }));
}

interface Run {
  readonly isHandled: boolean;
  /** Offsets of each invoke, in order. */
  readonly invokes: number[][];
  readonly commits: number[];
  /** Condition, code, offsets and attempts of what was given up. */
  readonly givenUp: [condition: string, code: string, offsets: number[], attempts: number[]][];
}

interface Setup {
  readonly retry?: Partial<RetrySettings>;
  readonly reportsItemFailures?: boolean;
  readonly now?: () => number;
}

/** @param handle answers an invoke, or throws, by its offsets. */
async function run(
  batch: readonly KafkaRecord[],
  handle: (offsets: number[], source: PartitionSource) => unknown,
  { retry = {}, reportsItemFailures = false, now = () => AT }: Setup = {},
): Promise<Run> {
  const told: Run = { isHandled: false, invokes: [], commits: [], givenUp: [] };
  const commit = (_: PartitionSource, offset: number) => Promise.resolve(told.commits.push(offset) > 0);
  const source = new PartitionSource('t', 0, { pause: () => {}, resume: () => {}, commit });
  const work: PartitionWork = {
    functionName: 'f',
    identity: { eventSource: 'aws:kafka', eventSourceArn: 'arn', bootstrapServers: 'h:1' },
    limits: { batchSize: 100, windowMs: 0, payloadBytes: 6 * 1024 * 1024 },
    filter: undefined,
    retry: {
      maximumRetryAttempts: -1,
      maximumRecordAgeMs: -1,
      bisects: false,
      backoff: { initialMs: 1, maxMs: 1 },
      ...retry,
    },
    reportsItemFailures,
    destination: {
      name: 'kafka://dead',
      publish: (failed) => Promise.resolve(told.givenUp.push(summary(failed)) > 0),
      close: () => Promise.resolve(),
    },
    async invoke(event) {
      const offsets = Object.values((event as MskInvokeEvent).records)
        .flat()
        .map(({ offset }) => offset);
      told.invokes.push(offsets);
      return handle(offsets, source);
    },
    log: silentLog,
    now,
  };
  const isHandled = await workBatch(source, batch, work);
  return { ...told, isHandled };
}

function summary({ condition, error, records: failed }: FailedBatch): Run['givenUp'][number] {
  const offsets = failed.map(({ record }) => record.offset);
  return [condition, error.code, offsets, failed.map(({ attempts }) => attempts)];
}

const poison =
  (...offsets: number[]) =>
  (batch: number[]): null => {
    if (batch.some((offset) => offsets.includes(offset))) throw new Error('poison');
    return null;
  };

describe('bisecting', () => {
  it('halves a failed batch, in order, until the poison record is alone, and counts only its own attempts', async () => {
    const retry = { bisects: true, maximumRetryAttempts: 1 };
    const { isHandled, invokes, commits, givenUp } = await run(records(5), poison(3), { retry });
    expect(invokes).toEqual([[0, 1, 2, 3, 4], [0, 1, 2], [3, 4], [3], [3], [4]]);
    expect(givenUp).toEqual([['RetryAttemptsExhausted', 'UNKNOWN', [3], [2]]]);
    expect(commits).toEqual([3, 4]);
    expect(isHandled).toBe(true);
  });

  it('leaves the good records of a batch alone after their one invoke, whatever their neighbours do', async () => {
    const retry = { bisects: true, maximumRetryAttempts: 0 };
    const { invokes, givenUp } = await run(records(4), poison(0, 2), { retry });
    expect(invokes).toEqual([[0, 1, 2, 3], [0, 1], [0], [1], [2, 3], [2], [3]]);
    expect(givenUp.map(([, , offsets]) => offsets)).toEqual([[0], [2]]);
  });

  it('retries from the record that the function names instead of halving', async () => {
    let calls = 0;
    const name = () => {
      calls += 1;
      return calls > 1 ? null : { batchItemFailures: [{ itemIdentifier: { partition: 't-0', offset: 2 } }] };
    };
    const options = { retry: { bisects: true }, reportsItemFailures: true };
    const { invokes, commits } = await run(records(4), name, options);
    expect(invokes).toEqual([
      [0, 1, 2, 3],
      [2, 3],
    ]);
    expect(commits).toEqual([2]);
  });

  it('hands on the records behind one that was named until its attempts were spent', async () => {
    const name = (batch: number[]) =>
      batch.includes(1) ? { batchItemFailures: [{ itemIdentifier: { partition: 't-0', offset: 1 } }] } : null;
    const options = { retry: { maximumRetryAttempts: 1 }, reportsItemFailures: true };
    const { invokes, commits, givenUp, isHandled } = await run(records(4), name, options);
    expect(invokes).toEqual([
      [0, 1, 2, 3],
      [1, 2, 3],
      [2, 3],
    ]);
    expect(givenUp).toEqual([['RetryAttemptsExhausted', 'BATCH_ITEM_FAILURE', [1], [2]]]);
    expect(commits).toEqual([1, 2]);
    expect(isHandled).toBe(true);
  });

  it('lets them wait no longer once it is given up, however long its last wait would have been', async () => {
    const name = (batch: number[]) =>
      batch.includes(0) ? { batchItemFailures: [{ itemIdentifier: { partition: 't-0', offset: 0 } }] } : null;
    const backoff = { initialMs: 3_600_000, maxMs: 3_600_000 };
    const options = { retry: { maximumRetryAttempts: 0, backoff }, reportsItemFailures: true };
    expect((await run(records(2), name, options)).invokes).toEqual([[0, 1], [1]]);
  });

  it('retries whole batches without it, and gives them up whole', async () => {
    const { invokes, givenUp } = await run(records(2), poison(1), { retry: { maximumRetryAttempts: 1 } });
    expect(invokes).toEqual([
      [0, 1],
      [0, 1],
    ]);
    expect(givenUp).toEqual([['RetryAttemptsExhausted', 'UNKNOWN', [0, 1], [2, 2]]]);
  });
});

describe('the age of records', () => {
  const retry = { maximumRecordAgeMs: 60_000 };

  it('gives up what is too old without an invoke, wherever it lies in the batch, and handles the rest', async () => {
    const timestamps = [AT, AT - 60_001, AT - 60_000];
    const { invokes, givenUp, isHandled } = await run(records(3, { timestamps }), poison(), { retry });
    expect(invokes).toEqual([[0, 2]]);
    expect(givenUp).toEqual([['RecordAgeExceeded', 'RECORD_AGE_EXCEEDED', [1], [0]]]);
    expect(isHandled).toBe(true);
  });

  it('ends endless retries once the record has grown too old', async () => {
    let time = AT;
    const age = () => {
      time += 40_000;
      throw new Error('not yet');
    };
    const { invokes, givenUp } = await run(records(1), age, { retry, now: () => time });
    expect(invokes).toEqual([[0], [0]]);
    expect(givenUp).toEqual([['RecordAgeExceeded', 'RECORD_AGE_EXCEEDED', [0], [2]]]);
  });
});

describe('the payload limit', () => {
  it('gives up a record that no invoke could carry, without one', async () => {
    const large = records(1, { bytes: 5 * 1024 * 1024 });
    const { invokes, givenUp, isHandled } = await run(large, poison());
    expect(invokes).toEqual([]);
    expect(givenUp).toEqual([['MaximumPayloadSizeExceeded', 'PAYLOAD_TOO_LARGE', [0], [0]]]);
    expect(isHandled).toBe(true);
  });

  it('takes a record that just fits', async () => {
    const { invokes } = await run(
      records(1, { bytes: Math.floor((6 * 1024 * 1024 - 1000) * 0.75) }),
      poison(),
    );
    expect(invokes).toEqual([[0]]);
  });
});

describe('a partition that is lost', () => {
  it('commits and gives up nothing of a batch whose invoke ends after it', async () => {
    const lose = (_: number[], source: PartitionSource) => {
      source.lose();
      throw new Error('late');
    };
    const { isHandled, commits, givenUp } = await run(records(2), lose, {
      retry: { maximumRetryAttempts: 0 },
    });
    expect({ isHandled, commits, givenUp }).toEqual({ isHandled: false, commits: [], givenUp: [] });
  });

  it('begins no further attempt', async () => {
    const lose = (_: number[], source: PartitionSource) => {
      source.close();
      throw new Error('stopping');
    };
    const { isHandled, invokes } = await run(records(2), lose);
    expect(invokes).toEqual([[0, 1]]);
    expect(isHandled).toBe(false);
  });
});
