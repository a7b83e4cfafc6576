import { expect, it } from 'vitest';
import { deferred } from '../backoff.ts';
import { PartitionSource } from '../kafka/partition-source.ts';
import type { KafkaRecord } from '../kafka/record.ts';
import { silentLog } from '../log.ts';
import type { MskInvokeEvent } from './event.ts';
import type { PartitionWork } from './partition-work.ts';
import { workPartition } from './worker.ts';

function record(offset: number, bytes = 1): KafkaRecord {
  const place = { topic: 't', partition: 0, offset, timestamp: 0, timestampType: 'CREATE_TIME' as const };
  return { ...place, key: null, value: Buffer.alloc(bytes), headers: {} };
}

it('fetches ahead of a running invoke up to a bound, and commits only what the function has handled', async () => {
  const told: string[] = [];
  const invokes = [deferred<null>(), deferred<null>()];
  const begun = [deferred<void>(), deferred<void>()];
  const source = new PartitionSource('t', 0, {
    pause: () => told.push('pause'),
    resume: () => told.push('fetch'),
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
  source.deliver([record(0)], 1);
  await begun[0]!.promise;
  expect(told).toEqual(['fetch', 'invoke 0']);
  source.deliver([record(1, 64 * 1024)], 2);
  expect(told).toEqual(['fetch', 'invoke 0', 'pause']);
  invokes[0]!.resolve(null);
  await begun[1]!.promise;
  expect(told).toEqual(['fetch', 'invoke 0', 'pause', 'commit 1', 'fetch', 'invoke 1']);
  source.lose();
  invokes[1]!.resolve(null);
  await working;
});
