import { startBroker, type Broker } from '@flts/kafka';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createKafkaPublisher } from './kafka-publisher.ts';
import type { Publisher } from './publisher.ts';

let directory: string;
let broker: Broker;
let publisher: Publisher;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'flts-publisher-'));
  broker = await startBroker({ directory, port: 0 });
  publisher = createKafkaPublisher([broker.bootstrapServers], 'test');
});

afterAll(async () => {
  await publisher.close();
  await broker.close();
  await rm(directory, { recursive: true, force: true });
});

describe('a broker that goes away', () => {
  it('is an error worth another attempt, and is found again', { timeout: 60_000 }, async () => {
    const own = await mkdtemp(join(tmpdir(), 'flts-publisher-'));
    const first = await startBroker({ directory: own, port: 0 });
    const { port } = first;
    const sender = createKafkaPublisher([first.bootstrapServers], 'test');
    const record = { key: null, value: 'x' };
    await sender.send('a-topic', [record]);
    await first.close();
    const gone = { code: 'broker_unavailable', retryable: true };
    await expect(sender.send('a-topic', [record])).rejects.toMatchObject(gone);
    const second = await startBroker({ directory: own, port });
    await sender.send('a-topic', [record]);
    await sender.send('a-topic', [record]);
    await sender.close();
    await second.close();
    await rm(own, { recursive: true, force: true });
  });
});

describe('a record that no broker takes', () => {
  it('leaves no connection open, however often it is sent', async () => {
    const connections = (): number =>
      process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
    const large = [{ key: null, value: 'x'.repeat(1_100_000) }];
    await expect(publisher.send('a-topic', large)).rejects.toMatchObject({ code: 'broker_refused' });
    const before = connections();
    for (let sent = 0; sent < 3; sent += 1)
      await expect(publisher.send('a-topic', large)).rejects.toMatchObject({ code: 'broker_refused' });
    expect(connections()).toBe(before);
  });

  it.each([
    ['larger than a broker takes', 'a-topic', 'x'.repeat(1_100_000)],
    ['for a topic of no possible name', 'no topic!', 'x'],
  ])('is refused for good: %s', async (_, topic, value) => {
    await expect(publisher.send(topic, [{ key: null, value }])).rejects.toMatchObject({
      code: 'broker_refused',
      retryable: false,
      message: expect.stringContaining(topic),
    });
    await publisher.send('a-topic', [{ key: null, value: 'the next one' }]);
  });
});
