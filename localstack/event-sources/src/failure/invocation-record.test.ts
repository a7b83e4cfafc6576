import { expect, it } from 'vitest';
import type { KafkaRecord } from '../kafka/record.ts';
import type { FailedBatch } from './destination.ts';
import { invocationRecord, invocationRecordKey, mappingUuid } from './invocation-record.ts';

const record: KafkaRecord = {
  topic: 'orders',
  partition: 2,
  offset: 7,
  timestamp: Date.UTC(2026, 0, 2, 3, 4, 5),
  timestampType: 'CREATE_TIME',
  key: null,
  value: Buffer.from('x'),
  headers: {},
};
const error = { name: 'Error', code: 'UNKNOWN', message: 'no', retryable: null };
const batch: FailedBatch = {
  records: [
    { record, attempts: 3 },
    { record: { ...record, offset: 9, timestamp: record.timestamp + 1000 }, attempts: 2 },
  ],
  condition: 'RetryAttemptsExhausted',
  error,
};
const context = {
  identity: { eventSource: 'aws:kafka' as const, eventSourceArn: 'arn:cluster', bootstrapServers: 'h:1' },
  functionArn: 'arn:function',
  requestId: 'request',
  now: new Date(Date.UTC(2026, 10, 24, 5, 6, 7, 89)),
};

it('tells of the batch as Lambda does, with the event as text', () => {
  const { payload, ...rest } = invocationRecord(batch, context);
  expect(rest).toEqual({
    requestContext: {
      requestId: 'request',
      functionArn: 'arn:function',
      condition: 'RetryAttemptsExhausted',
      approximateInvokeCount: 3,
    },
    responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
    version: '1.0',
    timestamp: '2026-11-24T05:06:07.089Z',
    KafkaBatchInfo: {
      batchSize: 2,
      eventSourceArn: 'arn:cluster',
      bootstrapServers: 'h:1',
      payloadSize: Buffer.byteLength(payload),
      recordsInfo: {
        'orders-2': {
          firstRecordOffset: '7',
          lastRecordOffset: '9',
          firstRecordTimestamp: '2026-01-02T03:04:05.000Z',
          lastRecordTimestamp: '2026-01-02T03:04:06.000Z',
        },
      },
    },
  });
  const event = JSON.parse(payload) as { eventSource: string; records: Record<string, { offset: number }[]> };
  expect(event.eventSource).toBe('aws:kafka');
  expect(event.records['orders-2']!.map(({ offset }) => offset)).toEqual([7, 9]);
});

it('has no response where the function never ran', () => {
  const never = {
    ...batch,
    records: [{ record, attempts: 0 }],
    condition: 'MaximumPayloadSizeExceeded' as const,
  };
  expect(invocationRecord(never, context).responseContext).toBeNull();
});

it('gives of a batch that nobody could read the offsets, and the batch as a value', () => {
  const unreadable = { firstOffset: 5, lastOffset: 7, reason: 'torn' };
  const records = [
    { record: { ...record, offset: 7, value: Buffer.from('batch'), unreadable }, attempts: 0 },
  ];
  const { KafkaBatchInfo, payload } = invocationRecord(
    { ...batch, records, condition: 'BatchUnreadable' },
    context,
  );
  expect(KafkaBatchInfo.recordsInfo['orders-2']).toMatchObject({
    firstRecordOffset: '5',
    lastRecordOffset: '7',
  });
  expect(JSON.parse(payload)).toMatchObject({
    records: { 'orders-2': [{ value: Buffer.from('batch').toString('base64') }] },
  });
});

it('names the object by mapping, partition, day and second', () => {
  expect(invocationRecordKey('uuid', 'orders-2', context)).toBe(
    'aws/lambda/uuid/orders-2/2026/11/24/2026-11-24T05.06.07-request',
  );
});

it('gives a mapping the same UUID at every start, and another one its own', () => {
  expect(mappingUuid('f', 'orders', 'g')).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  expect(mappingUuid('f', 'orders', 'g')).toBe(mappingUuid('f', 'orders', 'g'));
  expect(mappingUuid('f', 'orders', 'g2')).not.toBe(mappingUuid('f', 'orders', 'g'));
});
