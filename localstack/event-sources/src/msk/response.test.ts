import { describe, expect, it } from 'vitest';
import type { KafkaRecord } from '../kafka/record.ts';
import { failedOffsets } from './response.ts';

const batch = [4, 5, 6].map((offset): KafkaRecord => ({
  topic: 'orders',
  partition: 0,
  offset,
  timestamp: 0,
  timestampType: 'CREATE_TIME',
  key: null,
  value: null,
  headers: {},
}));
const item = (partition: unknown, offset: unknown) => ({ itemIdentifier: { partition, offset } });

describe('failedOffsets', () => {
  it.each([[null], [undefined], [{}], [{ batchItemFailures: null }], [{ batchItemFailures: [] }]])(
    'reads %j as success',
    (response) => {
      expect(failedOffsets(response, batch)).toEqual([]);
    },
  );

  it('gives the named offsets once each, in ascending order', () => {
    const batchItemFailures = [item('orders-0', 6), item('orders-0', 4), item('orders-0', 6)];
    expect(failedOffsets({ batchItemFailures }, batch)).toEqual([4, 6]);
  });

  it.each([
    ['an answer of another type', 'done'],
    ['a list', []],
    ['failures that are no list', { batchItemFailures: {} }],
    ['an offset outside of the batch', { batchItemFailures: [item('orders-0', 7)] }],
    ['another partition', { batchItemFailures: [item('orders-1', 4)] }],
    ['an offset as text', { batchItemFailures: [item('orders-0', '4')] }],
    ['an identifier of another shape', { batchItemFailures: [{ itemIdentifier: 'orders-0' }] }],
    ['no identifier', { batchItemFailures: [null] }],
  ])('fails the whole batch for %s', (_, response) => {
    expect(() => failedOffsets(response, batch)).toThrow(
      expect.objectContaining({ code: 'FUNCTION_RESPONSE_INVALID' }),
    );
  });
});
