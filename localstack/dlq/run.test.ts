import { startBroker, type Broker } from '@flts/kafka';
import { Kafka, logLevel, type Admin, type Message, type Producer } from 'kafkajs';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createReadyTopics } from '../event-sources/test/ready-topics.ts';
import { packedBatch } from '../kafka/src/testing/batch.ts';
import { produceRaw, rawClient } from '../kafka/src/testing/raw-client.ts';
import { startOwn } from '../kafka/src/testing/target.ts';
import { REDRIVE_GROUP } from './kafka.ts';
import type { Letter } from './letter.ts';
import { peekLetters } from './read-letters.ts';
import { run } from './run.ts';

/** The stand-in, or the real broker that KAFKA_BOOTSTRAP_SERVERS names. */
let servers = process.env['KAFKA_BOOTSTRAP_SERVERS'] ?? '';
let directory: string | undefined;
let broker: Broker | undefined;
let kafka: Kafka;
let admin: Admin;
let producer: Producer;

beforeAll(async () => {
  if (servers === '') {
    directory = await mkdtemp(join(tmpdir(), 'dlq-'));
    broker = await startBroker({ directory, port: 0 });
    servers = broker.bootstrapServers;
  }
  kafka = new Kafka({ brokers: servers.split(','), logLevel: logLevel.NOTHING });
  admin = kafka.admin();
  producer = kafka.producer();
  await Promise.all([admin.connect(), producer.connect()]);
});

afterAll(async () => {
  await Promise.all([admin.disconnect(), producer.disconnect()]);
  await broker?.close();
  if (directory !== undefined) await rm(directory, { recursive: true, force: true });
});

const notifications = `notifications-${randomUUID().slice(0, 8)}`;

/** A topic and its dead-letter topic. */
async function createTopics(partitions = 1): Promise<{ topic: string; dead: string }> {
  const topic = `t-${randomUUID().slice(0, 8)}`;
  const dead = `DLQ-${topic}`;
  const topics = [topic, dead].map((name) => ({ topic: name, numPartitions: partitions }));
  await createReadyTopics(admin, topics);
  return { topic, dead };
}

async function dlq(...args: string[]): Promise<{ status: number; output: string }> {
  const lines: string[] = [];
  const print = (text: string): void => void lines.push(text);
  const environment = { KAFKA_BOOTSTRAP_SERVERS: servers, S3_NOTIFICATIONS_TOPIC: notifications };
  const status = await run(args, { environment, print, printError: print });
  return { status, output: lines.join('\n') };
}

const letter = (value: string, code: string, more: Message['headers'] = {}): Message => ({
  key: `key-${value}`,
  value,
  partition: 0,
  headers: { kept: 'yes', dlq_error_code: code, dlq_error_message: `about ${value}`, ...more },
});

async function records(topic: string): Promise<Letter[]> {
  const ends = await admin.fetchTopicOffsets(topic);
  const ranges = ends.map(({ partition, high }) => ({ partition, from: 0, to: Number(high) }));
  return peekLetters(kafka, topic, ranges);
}

const valuesOf = (messages: readonly Letter[]) => messages.map(({ value }) => String(value));

describe('list', () => {
  it('counts the letters of each topic, those not put back, and the newest error codes', async () => {
    const { topic, dead } = await createTopics();
    const messages = [letter('1', 'E_OLD'), letter('2', 'E_NEW'), letter('3', 'E_NEW')];
    await producer.send({ topic: dead, messages });
    await dlq('redrive', topic, '--filter', 'error_code=E_OLD');
    const { status, output } = await dlq('list');
    expect(status).toBe(0);
    const line = output.split('\n').find((each) => each.startsWith(dead));
    expect(line!.split(/ {2,}/)).toEqual([
      dead,
      '3',
      '2',
      expect.stringMatching(/^\d{4}-/),
      'E_NEW 2, E_OLD 1',
    ]);
  });
});

describe('show', () => {
  it('prints the newest letters first, with what is known of their failure', async () => {
    const { topic, dead } = await createTopics();
    const known = {
      dlq_topic: topic,
      dlq_partition: '3',
      dlq_offset: '9',
      dlq_attempts: '4',
      dlq_function: 'f',
    };
    await producer.send({ topic: dead, messages: [letter('old', 'E')] });
    await producer.send({ topic: dead, messages: [letter('{"a":[1]}', 'E_COLUMN', known)] });
    await producer.send({ topic: dead, messages: [{ value: Buffer.from([0xff, 0x00]), partition: 0 }] });
    const { status, output } = await dlq('show', topic, '2');
    expect(status).toBe(0);
    const [binary, json, ...others] = output.split('\n\n');
    expect(others).toEqual([]);
    expect(binary).toContain(`${dead}/0/2`);
    expect(binary).toContain('2 bytes, ff00');
    expect(json).toContain(`${dead}/0/1`);
    expect(json).toContain('key key-{"a":[1]}');
    expect(json).toContain('E_COLUMN  about {"a":[1]}');
    expect(json).toContain(`from      ${topic}/3/9`);
    expect(json).toContain('function  f, 4 attempts');
    expect(json).toContain('header    kept: yes');
    expect(json).toContain('"a": [');
  });

  it('names the topics that there are where it is asked for another', async () => {
    const { dead } = await createTopics();
    const { status, output } = await dlq('show', 'missing');
    expect(status).toBe(1);
    expect(output).toContain('TOPIC_NOT_FOUND');
    expect(output).toContain(dead);
  });
});

describe('a batch of letters that cannot be read', () => {
  it('is shown and left, and its neighbours are put back', async () => {
    const target = await startOwn();
    const servers = target.bootstrapServers;
    const own = new Kafka({ brokers: [servers], logLevel: logLevel.NOTHING });
    const [ownAdmin, ownProducer] = [own.admin(), own.producer()];
    await Promise.all([ownAdmin.connect(), ownProducer.connect()]);
    await createReadyTopics(
      ownAdmin,
      ['t', 'DLQ-t'].map((name) => ({ topic: name, numPartitions: 1 })),
    );
    const raw = await rawClient(Number(servers.split(':')[1]));
    await produceRaw(raw, 'DLQ-t', packedBatch(4, Buffer.from('no zstd'), 3));
    await ownProducer.send({ topic: 'DLQ-t', messages: [letter('1', 'E')] });
    const lines: string[] = [];
    const print = (text: string): void => void lines.push(text);
    const options = { environment: { KAFKA_BOOTSTRAP_SERVERS: servers }, print, printError: print };
    expect(await run(['list'], options)).toBe(0);
    expect(await run(['show', 't'], options)).toBe(0);
    expect(await run(['redrive', 't'], options)).toBe(0);
    expect(lines.join('\n')).toMatch(
      /BATCH_UNREADABLE[^]*at offsets 0 to 2[^]*cannot be read, up to offset 2/u,
    );
    expect((await ownAdmin.fetchTopicOffsets('t')).map(({ high }) => high)).toEqual(['1']);
    raw.socket.destroy();
    await Promise.all([ownAdmin.disconnect(), ownProducer.disconnect()]);
    await target.close();
  });
});

describe('redrive', () => {
  it('puts each letter back once, in order, with its key, its headers and a counter', async () => {
    const { topic, dead } = await createTopics();
    await producer.send({
      topic: dead,
      messages: [letter('1', 'E'), letter('2', 'E', { dlq_redriven: '1' })],
    });
    expect((await dlq('redrive', topic)).output).toBe(
      `${dead}/0/0 -> ${topic}\n${dead}/0/1 -> ${topic}\n2 put back`,
    );
    const [first, second] = await records(topic);
    expect([String(first!.key), String(first!.value)]).toEqual(['key-1', '1']);
    const headersOf = ({ headers }: Letter) =>
      Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
    expect(headersOf(first!)).toEqual({ kept: 'yes', dlq_redriven: '1' });
    expect(headersOf(second!)).toEqual({ kept: 'yes', dlq_redriven: '2' });
    expect((await dlq('redrive', topic)).output).toBe('0 put back');
    await producer.send({ topic: dead, messages: [letter('3', 'E')] });
    expect((await dlq('redrive', topic)).output).toBe(`${dead}/0/2 -> ${topic}\n1 put back`);
    expect(valuesOf(await records(topic))).toEqual(['1', '2', '3']);
  });

  it('puts back what a filter lets through and keeps the rest for another time, none of it twice', async () => {
    const { topic, dead } = await createTopics();
    const messages = ['a', 'b', 'a', 'b', 'a'].map((code, index) => letter(`{"n":${index}}`, code));
    await producer.send({ topic: dead, messages });
    expect((await dlq('redrive', topic, '--filter', 'error_code=b')).output).toContain(
      '2 put back, 3 filtered',
    );
    expect((await dlq('redrive', topic, '--filter', 'error_code=b')).output).toBe('0 put back, 3 filtered');
    const both = await dlq('redrive', topic, '--filter', 'error_code=a', '--filter', 'n=2');
    expect(both.output).toContain(`${dead}/0/2 -> ${topic}`);
    expect((await dlq('redrive', topic)).output).toContain('2 put back');
    expect(valuesOf(await records(topic))).toEqual([1, 3, 2, 0, 4].map((n) => `{"n":${n}}`));
    const [committed] = await admin.fetchOffsets({ groupId: REDRIVE_GROUP, topics: [dead] });
    expect(committed!.partitions.map(({ offset }) => offset)).toEqual(['5']);
  });

  it('only tells what it would do in a dry run', async () => {
    const { topic, dead } = await createTopics();
    await producer.send({ topic: dead, messages: [letter('1', 'E')] });
    expect((await dlq('redrive', topic, '--dry-run')).output).toBe(`${dead}/0/0 -> ${topic}\n1 to put back`);
    expect(await records(topic)).toEqual([]);
    const [committed] = await admin.fetchOffsets({ groupId: REDRIVE_GROUP, topics: [dead] });
    expect(committed!.partitions.map(({ offset }) => offset)).toEqual(['-1']);
    expect((await dlq('redrive', topic)).output).toContain('1 put back');
  });

  it('serves every partition', async () => {
    const { topic, dead } = await createTopics(3);
    const messages = [0, 1, 2].map((partition) => ({ ...letter(String(partition), 'E'), partition }));
    await producer.send({ topic: dead, messages });
    expect((await dlq('redrive', topic)).output).toContain('3 put back');
    expect(valuesOf(await records(topic)).toSorted()).toEqual(['0', '1', '2']);
  });

  it('leaves a letter whose topic does not exist, says so, and puts back its neighbours', async () => {
    const { topic, dead } = await createTopics();
    await producer.send({
      topic: dead,
      messages: [letter('1', 'E', { dlq_topic: 'gone' }), letter('2', 'E')],
    });
    const { status, output } = await dlq('redrive', topic);
    expect(status).toBe(0);
    expect(output).toBe(
      `${dead}/0/0 stays: there is no topic gone\n${dead}/0/1 -> ${topic}\n1 put back, 1 cannot be`,
    );
    expect((await dlq('redrive', topic)).output).toContain('0 put back, 1 cannot be');
  });

  it('marks what the broker has, and nothing that it refused', async () => {
    const { topic, dead } = await createTopics();
    // Just small enough for a letter, and too large with the counter.
    const huge = { value: Buffer.alloc(1_048_508), partition: 0 };
    await producer.send({ topic: dead, messages: [letter('1', 'E')] });
    await producer.send({ topic: dead, messages: [huge] });
    const { status, output } = await dlq('redrive', topic);
    expect(status).toBe(1);
    expect(output.split('\n')).toEqual([`${dead}/0/0 -> ${topic}`, expect.stringContaining('KAFKA_FAILED')]);
    expect(valuesOf(await records(topic))).toEqual(['1']);
    const [committed] = await admin.fetchOffsets({ groupId: REDRIVE_GROUP, topics: [dead] });
    expect(committed!.partitions.map(({ offset }) => offset)).toEqual(['1']);
  });

  it('puts an upload back among the notifications', async () => {
    const { topic, dead } = await createTopics();
    await admin.createTopics({ topics: [{ topic: notifications }], waitForLeaders: true });
    const value = JSON.stringify({
      Records: [{ s3: { bucket: { name: 'dataset' }, object: { key: 'a.csv' } } }],
    });
    await producer.send({ topic: dead, messages: [{ key: 'a', value, headers: { dlq_error_code: 'E' } }] });
    expect((await dlq('redrive', topic)).output).toContain(`${dead}/0/0 -> ${notifications}`);
    const [notification] = await records(notifications);
    expect([String(notification!.key), String(notification!.value)]).toEqual(['dataset/a.csv', value]);
  });

  it('stops before it forgets anything, where a filter leaves too many gaps', async () => {
    const { topic, dead } = await createTopics();
    const messages = Array.from({ length: 4000 }, (_, index) =>
      letter(String(index), index % 2 === 0 ? 'a' : 'b'),
    );
    await producer.send({ topic: dead, messages });
    const { status, output } = await dlq('redrive', topic, '--filter', 'error_code=b');
    expect(status).toBe(1);
    expect(output).toContain('REDRIVE_TOO_SCATTERED');
    const told = output.split('\n').filter((line) => line.includes(' -> ')).length;
    expect(await records(topic)).toHaveLength(told);
    expect((await dlq('redrive', topic)).output).toContain(`${4000 - told} put back`);
    expect(new Set(valuesOf(await records(topic))).size).toBe(4000);
    expect(await records(topic)).toHaveLength(4000);
  });

  it('waits for no other redrive of the same topic, and says that there is one', async () => {
    const { topic, dead } = await createTopics();
    await producer.send({ topic: dead, messages: [letter('1', 'E')] });
    // The assignment goes by client id; this one comes before the tool's.
    const rivals = new Kafka({
      brokers: servers.split(','),
      clientId: 'a-rival',
      logLevel: logLevel.NOTHING,
    });
    const rival = rivals.consumer({ groupId: REDRIVE_GROUP, maxWaitTimeInMs: 100, heartbeatInterval: 200 });
    await rival.connect();
    await rival.subscribe({ topic: dead });
    const joined = new Promise((resolve) => rival.on(rival.events.GROUP_JOIN, resolve));
    await rival.run({ autoCommit: false, eachMessage: () => Promise.resolve() });
    await joined;
    const { status, output } = await dlq('redrive', topic);
    await rival.disconnect();
    expect(status).toBe(1);
    expect(output).toContain('REDRIVE_RUNNING');
    expect(await records(topic)).toEqual([]);
  });
});

it('says how it is used where the command line is none', async () => {
  const { status, output } = await dlq('purge');
  expect(status).toBe(2);
  expect(output).toContain('npm run dlq -- redrive <topic>');
});
