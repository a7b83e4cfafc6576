import { expect, it } from 'vitest';
import { deferred } from '../backoff.ts';
import { PartitionSource } from '../kafka/partition-source.ts';
import type { KafkaRecord } from '../kafka/record.ts';
import { silentLog } from '../log.ts';
import type { MskInvokeEvent } from './event.ts';
import type { PartitionWork } from './partition-work.ts';
import { workPartition } from './worker.ts';

function record(offset: number): KafkaRecord {
  const place = { topic: 't', partition: 0, offset, timestamp: 0, timestampType: 'CREATE_TIME' as const };
  return { ...place, key: null, value: Buffer.from('x'), headers: {} };
}

it('fetches nothing beyond what is in hand while an invoke runs, and the next only when all of it is handled', async () => {
  const told: string[] = [];
  const invokes = [deferred<null>(), deferred<null>()];
  const begun = [deferred<void>(), deferred<void>()];
  const fetching = deferred<void>();
  const source = new PartitionSource('t', 0, {
    pause: () => told.push('pause'),
    resume: () => {
      told.push('fetch');
      if (told.length > 1) fetching.resolve();
    },
    commit: (_, offset) => Promise.resolve(told.push(`commit ${offset}`) > 0),
  });
  const work: PartitionWork = {
    functionName: 'f',
    identity: { eventSource: 'aws:kafka', bootstrapServers: 'h:1' },
    limits: { batchSize: 1, windowMs: 60_000, payloadBytes: 1_000_000 },
    filter: undefined,
    retry: {
      maximumRetryAttempts: -1,
      maximumRecordAgeMs: -1,
      bisects: false,
      backoff: { initialMs: 1, maxMs: 1 },
    },
    reportsItemFailures: false,
    destination: undefined,
    invoke(event) {
      const [{ offset } = { offset: -1 }] = Object.values((event as MskInvokeEvent).records).flat();
      told.push(`invoke ${offset}`);
      begun[offset]!.resolve();
      return invokes[offset]!.promise;
    },
    log: silentLog,
    now: () => 0,
  };
  const working = workPartition(source, work);
  source.deliver([record(0), record(1)], 2);
  await begun[0]!.promise;
  expect(source.wanting).toBe(false);
  expect(told).toEqual(['fetch', 'invoke 0']);
  invokes[0]!.resolve(null);
  await begun[1]!.promise;
  expect(source.wanting).toBe(false);
  invokes[1]!.resolve(null);
  await fetching.promise;
  expect(told).toEqual(['fetch', 'invoke 0', 'commit 1', 'invoke 1', 'commit 2', 'fetch']);
  source.lose();
  await working;
});
