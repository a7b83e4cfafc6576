import { describe, expect, it } from 'vitest';
import { readServiceMappings, type ServiceMappings } from './service-mappings.ts';

const msk = { arn: 'arn:aws:kafka:x', topic: 'orders' };
const environment = { KAFKA_BOOTSTRAP_SERVERS: 'k:9092', AWS_ENDPOINT_URL_S3: 'http://s3:9000' };

function read(events: readonly unknown[], custom?: unknown): ServiceMappings {
  return readServiceMappings({
    custom,
    functions: { train: { name: 'svc-dev-train', handler: 'h.h', events } },
    environment,
  });
}

describe('readServiceMappings', () => {
  it('fills the defaults of AWS', () => {
    expect(read([{ msk }]).functions[0]!.msk).toEqual([
      {
        ...msk,
        batchSize: 100,
        startingPosition: 'TRIM_HORIZON',
        enabled: true,
        maximumRetryAttempts: -1,
      },
    ]);
    const [mapped] = read([{ s3: 'uploads' }]).functions;
    expect(mapped!.rules).toEqual([
      { bucket: 'uploads', event: 's3:ObjectCreated:*', prefix: '', suffix: '', onFailureTopic: undefined },
    ]);
  });

  it('leaves out disabled sources and functions without any', () => {
    expect(read([{ msk: { ...msk, enabled: false } }, { http: 'GET /' }]).functions).toEqual([]);
  });

  it('takes the on-failure topic of the event, else the one of all s3 events', () => {
    const custom = { s3: { onFailure: 'kafka://all' } };
    const own = { bucket: 'a', destinations: { onFailure: 'kafka://own' } };
    const topics = read([{ s3: own }, { s3: 'b' }], custom).functions[0]!.rules.map(
      (rule) => rule.onFailureTopic,
    );
    expect(topics).toEqual(['own', 'all']);
  });

  it.each([
    ['unknown key', { ...msk, parallelizationFactor: 2 }, 'parallelizationFactor (not supported)'],
    ['filterPatterns', { ...msk, filterPatterns: [] }, 'filterPatterns'],
    [
      'eleventh pattern',
      { ...msk, filterPatterns: Array.from({ length: 11 }, () => ({ value: ['x'] })) },
      'filterPatterns',
    ],
    [
      'filter pattern on topic',
      { ...msk, filterPatterns: [{ value: ['x'] }, { topic: ['t'] }] },
      'filterPatterns.1.topic: expected the key value alone',
    ],
    [
      'rule that is none',
      { ...msk, filterPatterns: [{ value: { size: [{ numeric: ['>', 'x'] }] } }] },
      'filterPatterns.0.value.size.0.numeric: expected',
    ],
    ['batchSize', { ...msk, batchSize: 10_001 }, 'batchSize'],
    ['startingPosition', { ...msk, startingPosition: 'AT_TIMESTAMP' }, 'got "AT_TIMESTAMP"'],
    ['maximumBatchingWindow', { ...msk, maximumBatchingWindow: 301 }, 'maximumBatchingWindow'],
    ['maximumRetryAttempts', { ...msk, maximumRetryAttempts: -2 }, 'got -2'],
    ['destinations', { ...msk, destinations: { onFailure: 'arn:aws:sqs:x' } }, 'destinations.onFailure'],
    ['topic', { arn: 'arn' }, 'topic'],
  ])('refuses an msk event for its %s, naming function, event and key', (_, event, named) => {
    const reading = () => read([{ http: 'GET /' }, { msk: event }]);
    expect(reading).toThrow('function "train", event 2 (msk)');
    expect(reading).toThrow(named);
  });

  it.each([
    ['event', { bucket: 'b', event: 's3:Nothing:*' }],
    ['rules', { bucket: 'b', rules: [{ middle: 'x' }] }],
    ['bucket', { bucket: { Ref: 'Bucket' } }],
  ])('refuses an s3 event for its %s', (key, event) => {
    expect(() => read([{ s3: event }])).toThrow('function "train", event 1 (s3)');
    expect(() => read([{ s3: event }])).toThrow(key);
  });

  it('refuses an unknown setting under custom.eventSources', () => {
    expect(() => read([], { kafka: { brokers: [] } })).toThrow('custom.eventSources');
  });

  it('says what is missing to reach Kafka and S3, only when it is needed', () => {
    const functions = { f: { name: 'f', handler: 'h.h', events: [{ msk }] } };
    const none = { custom: undefined, functions, environment: {} };
    expect(() => readServiceMappings(none)).toThrow('KAFKA_BOOTSTRAP_SERVERS');
    expect(readServiceMappings({ ...none, functions: {} }).functions).toEqual([]);
    const s3 = { f: { name: 'f', handler: 'h.h', events: [{ s3: 'b' }] } };
    const kafka = { KAFKA_BOOTSTRAP_SERVERS: 'k:1' };
    expect(() => readServiceMappings({ ...none, functions: s3, environment: kafka })).toThrow(
      'AWS_ENDPOINT_URL_S3',
    );
  });
});
