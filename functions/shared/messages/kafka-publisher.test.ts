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

describe('a record that no broker takes', () => {
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
