import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { COMPRESSED_BATCHES } from '../../kafka/src/testing/compressed-batches.ts';
import { produceRaw, rawClient, type RawClient } from '../../kafka/src/testing/raw-client.ts';
import { startTestBroker, type TestBroker } from './broker.ts';
import { startPoller, valuesOf } from './poller.ts';

let broker: TestBroker;
let raw: RawClient;
const closing: (() => Promise<void>)[] = [];

beforeAll(async () => {
  broker = await startTestBroker();
  raw = await rawClient(Number(broker.bootstrapServers.split(':').at(-1)));
});

afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

afterAll(async () => {
  raw.socket.destroy();
  await broker.close();
});

describe('records of other clients', () => {
  it.each(Object.entries(COMPRESSED_BATCHES))('reach the function: %s', async (_, encoded) => {
    const topic = await broker.createTopic();
    await produceRaw(raw, topic, Buffer.from(encoded, 'base64'));
    const poller = startPoller(broker, { topic }, () => Promise.resolve(null));
    closing.push(() => poller.stop(0));
    await broker.waitForCommitted(poller.group, topic, [12]);
    const expected = Array.from(
      { length: 12 },
      (__, index) => `value ${index} ${index % 2 === 1 ? 'ab'.repeat(40) : 'x'.repeat(90)} ü`,
    );
    expect(valuesOf(poller)).toEqual(expected);
  });
});
