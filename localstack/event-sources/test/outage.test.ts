import { startBroker, type Broker } from '@flts/kafka';
import { Kafka, logLevel, Partitioners } from 'kafkajs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { deferred } from '../src/backoff.ts';
import type { LogFields } from '../src/log.ts';
import type { MskInvokeEvent } from '../src/msk/event.ts';
import { startMapping, type Mapping } from '../src/msk/mapping.ts';
import { Journal } from './journal.ts';
import { journalLog } from './poller.ts';

let directory: string;
let broker: Broker;
let mapping: Mapping | undefined;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'event-sources-outage-'));
  broker = await startBroker({ directory, port: 0 });
});

afterEach(async () => {
  await mapping?.stop(0);
  await broker.close();
  await rm(directory, { recursive: true, force: true });
});

function client(): Kafka {
  return new Kafka({ brokers: [broker.bootstrapServers], logLevel: logLevel.NOTHING });
}

async function produce(value: string): Promise<void> {
  const producer = client().producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  await producer.send({ topic: 'work', messages: [{ value }] });
  await producer.disconnect();
}

async function createTopic(): Promise<void> {
  const admin = client().admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic: 'work', numPartitions: 1 }] });
  await admin.disconnect();
}

it('goes on after the broker was away in the middle of an invoke, whose result counts', async () => {
  await createTopic();
  await produce('long');
  const finish = deferred<null>();
  const offsets = new Journal<number>();
  const lines = new Journal<LogFields>();
  mapping = startMapping({
    bootstrapServers: broker.bootstrapServers,
    topic: 'work',
    functionName: 'f',
    batchSize: 1,
    log: journalLog(lines),
    invoke(event) {
      const [record] = Object.values((event as MskInvokeEvent).records).flat();
      offsets.add(record!.offset);
      return record!.offset === 0 ? finish.promise : Promise.resolve(null);
    },
  });
  await offsets.waitFor((offset) => offset === 0);
  const { port } = broker;
  await broker.close();
  broker = await startBroker({ directory, port });
  finish.resolve(null);
  await lines.waitFor(({ event }) => event === 'rebalance', { count: 2 });
  await produce('next');
  await offsets.waitFor((offset) => offset === 1);
  expect(offsets.entries).toEqual([0, 1]);
}, 30_000);

it('waits for a topic that is not there yet, and reads it from its start', async () => {
  const offsets = new Journal<number>();
  const lines = new Journal<LogFields>();
  mapping = startMapping({
    bootstrapServers: broker.bootstrapServers,
    topic: 'work',
    functionName: 'f',
    log: journalLog(lines),
    invoke(event) {
      const records = Object.values((event as MskInvokeEvent).records).flat();
      for (const { offset } of records) offsets.add(offset);
      return Promise.resolve(null);
    },
  });
  await lines.waitFor(({ event }) => event === 'kafka_client');
  await createTopic();
  await produce('first');
  await offsets.waitFor((offset) => offset === 0);
  expect(offsets.entries).toEqual([0]);
}, 30_000);
