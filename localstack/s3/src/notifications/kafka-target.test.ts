import type { ProducerRecord } from 'kafkajs';
import { describe, expect, it } from 'vitest';
import { eventRecord, notificationBody, type ObjectChange } from './event-record.ts';
import { DEFAULT_KAFKA_ARN, kafkaTarget, type NotificationProducer } from './kafka-target.ts';
import type { NotificationMessage } from './target.ts';

function message(key: string): NotificationMessage {
  const origin = { requestId: 'R', sourceIp: '127.0.0.1', accessKeyId: 'flts' };
  const change: ObjectChange = {
    bucket: 'model-promotion',
    key,
    eventName: 'ObjectCreated:Put',
    sequencer: '01',
    time: 0,
    origin,
    object: { size: 7, etag: 'abc' },
  };
  return { bucket: change.bucket, key, body: notificationBody(change, eventRecord(change, 'Config')) };
}

/** Producers as kafkajs has them, at the boundary to the network. */
class Broker {
  up = true;
  readonly records: ProducerRecord[] = [];
  readonly calls: string[] = [];

  readonly createProducer = (): NotificationProducer => {
    const call = (name: string): void => {
      this.calls.push(name);
      if (!this.up && name !== 'disconnect') throw new Error('no broker');
    };
    return {
      connect: async () => call('connect'),
      disconnect: async () => call('disconnect'),
      send: async (record) => {
        call('send');
        this.records.push(record);
        return [];
      },
    };
  };
}

describe('the Kafka target', () => {
  it('sends the JSON body under the key bucket/object key, not encoded, and waits for all replicas', async () => {
    const broker = new Broker();
    const target = kafkaTarget({
      brokers: ['127.0.0.1:1'],
      topic: 'model-events',
      createProducer: broker.createProducer,
    });
    const sent = message('models/a b+c é/model card.json');
    await target.deliver(sent);
    expect(target.arn).toBe(DEFAULT_KAFKA_ARN);
    const messages = [
      { key: 'model-promotion/models/a b+c é/model card.json', value: JSON.stringify(sent.body) },
    ];
    expect(broker.records).toEqual([{ topic: 'model-events', acks: -1, messages }]);
  });

  it('connects once, however many messages come at once', async () => {
    const broker = new Broker();
    const target = kafkaTarget({ brokers: [], topic: 't', createProducer: broker.createProducer });
    await Promise.all(['a', 'b', 'c'].map((key) => target.deliver(message(key))));
    await target.close?.();
    expect(broker.calls).toEqual(['connect', 'send', 'send', 'send', 'disconnect']);
  });

  it('rejects while the broker is down, and connects anew with the next message', async () => {
    const broker = new Broker();
    const target = kafkaTarget({ brokers: [], topic: 't', createProducer: broker.createProducer });
    await target.deliver(message('a'));
    broker.up = false;
    await expect(target.deliver(message('b'))).rejects.toThrow('no broker');
    await expect(target.deliver(message('b'))).rejects.toThrow('no broker');
    broker.up = true;
    await target.deliver(message('b'));
    expect(broker.records.map(({ messages }) => messages[0]?.key)).toEqual([
      'model-promotion/a',
      'model-promotion/b',
    ]);
    expect(broker.calls.filter((name) => name === 'connect')).toHaveLength(3);
  });
});
