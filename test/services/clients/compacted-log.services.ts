// What clients make of a compacted log: gaps, batches of fewer records, and batches of which only the header is left.
import { Kafka, logLevel, type Producer } from 'kafkajs';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { BROKERS, startTarget, uniqueName, type BrokerTarget } from './brokers.ts';
import { installPlatformatic } from './platformatic.ts';
import { runProgram } from './program.ts';

const JARS = join(process.env['TEST_KAFKA_JARS'] ?? '', '*');
const CONSOLE = ['-cp', JARS, 'org.apache.kafka.tools.consumer.ConsoleConsumer'];
const JVM = ['-Xmx256m', '-XX:TieredStopAtLevel=1', '-Dorg.slf4j.simpleLogger.defaultLogLevel=error'];
const SCRIPT = join(import.meta.dirname, 'platformatic-consumer.mjs');
const LEFT = ['1 b 1', '5 a 4', '6 z end'];
const TIMEOUT = { timeout: 90_000 };

describe.each(BROKERS)('a compacted log of %s', (name) => {
  let broker: BrokerTarget;
  let kafka: Kafka;
  const topic = uniqueName('compacted');

  beforeAll(async () => {
    broker = await startTarget(name);
    kafka = new Kafka({ brokers: broker.bootstrapServers.split(','), logLevel: logLevel.NOTHING });
    await writeTopic();
    await vi.waitFor(async () => expect(await readByKafkajs()).toEqual(LEFT), { timeout: 60_000 });
  }, 120_000);
  afterAll(async () => {
    const admin = kafka.admin();
    await admin.connect();
    await admin.deleteTopics({ topics: [topic] });
    await admin.disconnect();
    await broker.close();
  });

  /** Each batch a segment of its own; of those of the idempotent producer, no record is left. */
  async function writeTopic(): Promise<void> {
    const admin = kafka.admin();
    await admin.connect();
    const settings = {
      'cleanup.policy': 'compact',
      'segment.ms': '100',
      'min.cleanable.dirty.ratio': '0.01',
    };
    const configEntries = Object.entries(settings).map(([key, value]) => ({ name: key, value }));
    await admin.createTopics({ waitForLeaders: false, topics: [{ topic, numPartitions: 1, configEntries }] });
    await admin.disconnect();
    const plain = kafka.producer();
    const idempotent = kafka.producer({ idempotent: true, maxInFlightRequests: 1 });
    await Promise.all([plain.connect(), idempotent.connect()]);
    let time = Date.now() - 100_000;
    const send = async (by: Producer, ...records: [string, string][]): Promise<void> => {
      time += 1000;
      const messages = records.map(([key, value]) => ({ key, value, timestamp: String(time) }));
      await by.send({ topic, messages });
    };
    await send(plain, ['a', '1'], ['b', '1']);
    for (const value of ['1', '2', '3']) await send(idempotent, ['a', value]);
    await send(plain, ['a', '4']);
    await send(plain, ['z', 'end']);
    await Promise.all([plain.disconnect(), idempotent.disconnect()]);
  }

  async function readByKafkajs(): Promise<string[]> {
    const consumer = kafka.consumer({ groupId: `g-${randomUUID()}`, maxWaitTimeInMs: 100 });
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    const seen: string[] = [];
    await new Promise<void>((resolve, reject) => {
      consumer
        .run({
          eachMessage: async ({ message: { offset, key, value } }) => {
            seen.push(`${offset} ${String(key)} ${String(value)}`);
            if (String(value) === 'end') resolve();
          },
        })
        .catch(reject);
    });
    await consumer.disconnect();
    return seen;
  }

  it("is read by Apache Kafka's console consumer", TIMEOUT, async () => {
    const print = ['key', 'offset'].flatMap((part) => ['--property', `print.${part}=true`]);
    const separator = ['--property', 'key.separator= '];
    const range = ['--from-beginning', '--max-messages', '3', '--timeout-ms', '30000'];
    const server = ['--bootstrap-server', broker.bootstrapServers, '--topic', topic];
    const done = await runProgram('java', [...JVM, ...CONSOLE, ...server, ...range, ...print, ...separator]);
    expect(done, done.stderr).toMatchObject({
      code: 0,
      stdout: LEFT.map((record) => `Offset:${record}\n`).join(''),
    });
  });

  it('is read to its end by kcat', TIMEOUT, async () => {
    const range = ['-o', 'beginning', '-e', '-q', '-f', String.raw`%o %k %s\n`];
    const done = await runProgram('kcat', ['-b', broker.bootstrapServers, '-C', '-t', topic, ...range]);
    expect(done, done.stderr).toMatchObject({
      code: 0,
      stdout: LEFT.map((record) => `${record}\n`).join(''),
    });
  });

  it('is read by @platformatic/kafka', { timeout: 180_000 }, async () => {
    const folder = await installPlatformatic();
    const node = join(folder, 'node_modules', 'node', 'bin', 'node');
    const done = await runProgram(node, [SCRIPT, folder, broker.bootstrapServers, topic, '3']);
    expect(done, done.stderr).toMatchObject({ code: 0 });
    expect(JSON.parse(done.stdout)).toEqual(LEFT);
  });
});
