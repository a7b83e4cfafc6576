import { describe, expect, it } from 'vitest';
import type { Letter } from './letter.ts';
import { originalsOf } from './originals.ts';

function letter(given: Partial<Letter> = {}): Letter {
  const place = { topic: 'DLQ-orders', partition: 0, offset: 4, timestamp: 0 };
  return { ...place, key: Buffer.from('k'), value: Buffer.from('{"a":1}'), headers: {}, ...given };
}

const json = (value: unknown) => Buffer.from(JSON.stringify(value));

describe('originalsOf', () => {
  it('gives the record as it came, to the topic that dlq_topic names, without what was told of its failure', () => {
    const headers = {
      trace: Buffer.from('t'),
      dlq_topic: Buffer.from('elsewhere'),
      dlq_error_code: Buffer.from('E'),
      dlq_redriven: Buffer.from('2'),
    };
    expect(originalsOf(letter({ headers }), 's3')).toEqual({
      originals: [
        {
          topic: 'elsewhere',
          message: {
            key: Buffer.from('k'),
            value: Buffer.from('{"a":1}'),
            headers: { trace: Buffer.from('t'), dlq_redriven: '3' },
          },
        },
      ],
    });
  });

  it("goes by the letter's own topic where no header names one", () => {
    expect(originalsOf(letter(), 's3')).toMatchObject({
      originals: [{ topic: 'orders', message: { headers: { dlq_redriven: '1' } } }],
    });
  });

  it('gives an upload back to the notifications, keyed as S3 servers key them', () => {
    const value = json({
      Records: [{ s3: { bucket: { name: 'dataset' }, object: { key: 'a+b/%C3%BC.csv' } } }],
    });
    const upload = letter({ topic: 'DLQ-dataset', key: Buffer.from('a b/ü'), value });
    expect(originalsOf(upload, 's3-notifications')).toEqual({
      originals: [
        {
          topic: 's3-notifications',
          message: { key: 'dataset/a b/ü.csv', value, headers: { dlq_redriven: '1' } },
        },
      ],
    });
  });

  it("gives the records that are in AWS's invocation record", () => {
    const record = { topic: 'orders', key: 'aw==', value: 'dg==', headers: [{ trace: [-61, -87] }] };
    const value = json({ KafkaBatchInfo: { batchSize: 1 }, payload: { records: { 'orders-0': [record] } } });
    expect(originalsOf(letter({ value }), 's3')).toEqual({
      originals: [
        {
          topic: 'orders',
          message: {
            key: Buffer.from('k'),
            value: Buffer.from('v'),
            headers: { trace: Buffer.from('é'), dlq_redriven: '1' },
          },
        },
      ],
    });
  });

  it('cannot give back a value that was left out, and says where it is', () => {
    const headers = { dlq_value: 'left out', dlq_topic: 'orders', dlq_partition: '2', dlq_offset: '7' };
    expect(originalsOf(letter({ value: null, headers }), 's3')).toEqual({
      reason: 'its value was too large for a letter and is at orders/2/7 alone',
    });
  });

  it('gives back no batch that nobody could read', () => {
    const headers = { dlq_topic: 'orders', dlq_partition: '2', dlq_offset: '7', dlq_last_offset: '9' };
    expect(originalsOf(letter({ headers }), 's3')).toEqual({
      reason: 'it is a batch that cannot be read, up to offset 9',
    });
  });
});
