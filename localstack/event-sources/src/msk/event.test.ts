import { describe, expect, it } from 'vitest';
import type { KafkaRecord } from '../kafka/record.ts';
import { eventBytes, toMskEvent } from './event.ts';

const record: KafkaRecord = {
  topic: 'orders',
  partition: 3,
  offset: 15,
  timestamp: 1_545_084_650_987,
  timestampType: 'CREATE_TIME',
  key: Buffer.from('key'),
  value: Buffer.from('value é'),
  headers: {},
};
const source = {
  eventSource: 'aws:kafka' as const,
  eventSourceArn: 'arn:aws:kafka:x',
  bootstrapServers: 'h1:9092,h2:9092',
};

describe('toMskEvent', () => {
  it('groups records by topic and partition, with key and value in base64', () => {
    expect(toMskEvent(source, [record, { ...record, offset: 16 }])).toEqual({
      eventSource: 'aws:kafka',
      eventSourceArn: 'arn:aws:kafka:x',
      bootstrapServers: 'h1:9092,h2:9092',
      records: {
        'orders-3': [15, 16].map((offset) => ({
          topic: 'orders',
          partition: 3,
          offset,
          timestamp: 1_545_084_650_987,
          timestampType: 'CREATE_TIME',
          key: 'a2V5',
          value: 'dmFsdWUgw6k=',
          headers: [],
        })),
      },
    });
  });

  it('names a self-managed cluster as AWS does, without an ARN', () => {
    const { records: _, ...rest } = toMskEvent({ eventSource: 'SelfManagedKafka', bootstrapServers: 'h:1' }, [
      record,
    ]);
    expect(rest).toEqual({ eventSource: 'SelfManagedKafka', bootstrapServers: 'h:1' });
  });

  it('leaves out a key or value that the record does not have', () => {
    const [made] = toMskEvent(source, [{ ...record, key: null, value: null }]).records['orders-3']!;
    expect(Object.keys(made!)).toEqual([
      'topic',
      'partition',
      'offset',
      'timestamp',
      'timestampType',
      'headers',
    ]);
  });

  it('writes each header as an object of signed bytes, repeated ones in order', () => {
    const headers = { trace: [Buffer.from('a'), Buffer.from('b')], accent: Buffer.from('é'), text: 'x' };
    const [made] = toMskEvent(source, [{ ...record, headers }]).records['orders-3']!;
    expect(made!.headers).toEqual([
      { trace: [97] },
      { trace: [98] },
      { accent: [-61, -87] },
      { text: [120] },
    ]);
  });
});

describe('eventBytes', () => {
  it('is never less than what the record takes in JSON', () => {
    const headers = { h: Buffer.alloc(100, 0x80), other: 'text' };
    for (const size of [0, 1, 10, 1000]) {
      const sized = { ...record, value: Buffer.alloc(size, 7), headers };
      const json = JSON.stringify(toMskEvent(source, [sized]).records['orders-3']![0]);
      expect(eventBytes(sized)).toBeGreaterThanOrEqual(json.length);
    }
  });
});
