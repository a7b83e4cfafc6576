import { describe, expect, it } from 'vitest';
import { readServiceMappings, type ServiceMappings } from './service-mappings.ts';

const msk = { arn: 'arn:aws:kafka:x', topic: 'orders' };
const kafka = {
  bootstrapServers: ['h1:9092', 'h2:9092'],
  accessConfigurations: { saslPlainAuth: ['arn:aws:secretsmanager:x'] },
  topic: 'orders',
};
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
    const defaults = {
      topic: 'orders',
      batchSize: 100,
      startingPosition: 'TRIM_HORIZON',
      enabled: true,
      maximumRetryAttempts: -1,
      maximumRecordAgeInSeconds: -1,
      bisectBatchOnFunctionError: false,
      onFailure: undefined,
    };
    expect(read([{ msk }]).functions[0]!.kafka).toEqual([
      { ...defaults, source: { kind: 'msk', arn: 'arn:aws:kafka:x' } },
    ]);
    expect(read([{ kafka }]).functions[0]!.kafka).toEqual([
      { ...defaults, source: { kind: 'kafka', bootstrapServers: ['h1:9092', 'h2:9092'] } },
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

  it('takes every setting at the ends of its range', () => {
    const low = {
      batchSize: 1,
      maximumBatchingWindow: 0,
      startingPosition: 'AT_TIMESTAMP',
      startingPositionTimestamp: 0,
      consumerGroupId: 'g',
      maximumRetryAttempts: 0,
      maximumRecordAgeInSeconds: 60,
      bisectBatchOnFunctionError: true,
      functionResponseType: 'ReportBatchItemFailures',
      provisionedPollerConfig: { minimumPollers: 1, maximumPollers: 1 },
    };
    const high = {
      batchSize: 10_000,
      maximumBatchingWindow: 300,
      startingPosition: 'LATEST',
      consumerGroupId: 'a-/*:_+=.@'.repeat(20),
      filterPatterns: Array.from({ length: 10 }, () => ({ value: ['x'] })),
      maximumRetryAttempts: 10_000,
      maximumRecordAgeInSeconds: 604_800,
      provisionedPollerConfig: { minimumPollers: 200, maximumPollers: 2000 },
    };
    const [mapped] = read([{ msk: { ...msk, ...low } }, { kafka: { ...kafka, ...high } }]).functions;
    expect(mapped!.kafka).toMatchObject([low, high]);
  });

  it('knows a destination as a topic or a bucket, and for kafka events by its older name too', () => {
    const bucket = 'arn:aws:s3:::failed-batches';
    const events = [
      { msk: { ...msk, destinations: { onFailure: 'kafka://dead' } } },
      { kafka: { ...kafka, destinations: { onFailure: bucket } } },
      { kafka: { ...kafka, onFailureDestination: 'kafka://old' } },
    ];
    const destinations = read(events).functions[0]!.kafka.map(({ onFailure }) => onFailure);
    expect(destinations).toEqual(['kafka://dead', bucket, 'kafka://old']);
  });

  it.each<[string, object, string]>([
    ['unknown key', { parallelizationFactor: 2 }, 'parallelizationFactor (not supported)'],
    ['batchSize', { batchSize: 10_001 }, 'batchSize'],
    ['empty batch', { batchSize: 0 }, 'batchSize'],
    ['startingPosition', { startingPosition: 'EARLIEST' }, 'got "EARLIEST"'],
    ['missing time', { startingPosition: 'AT_TIMESTAMP' }, 'startingPositionTimestamp: expected a Unix time'],
    ['time without use', { startingPositionTimestamp: 5 }, 'startingPositionTimestamp: expected a Unix time'],
    [
      'time in milliseconds',
      { startingPosition: 'AT_TIMESTAMP', startingPositionTimestamp: 1_760_000_000_000 },
      'not in the future',
    ],
    ['maximumBatchingWindow', { maximumBatchingWindow: 301 }, 'maximumBatchingWindow'],
    ['consumerGroupId', { consumerGroupId: 'with space' }, 'consumerGroupId: expected 1 to 200'],
    [
      'maximumRetryAttempts',
      { maximumRetryAttempts: -2 },
      'maximumRetryAttempts: expected -1, or 0 to 10000, got -2',
    ],
    ['too many retries', { maximumRetryAttempts: 10_001 }, 'got 10001'],
    [
      'age',
      { maximumRecordAgeInSeconds: 59 },
      'maximumRecordAgeInSeconds: expected -1, or 60 to 604800, got 59',
    ],
    ['greater age', { maximumRecordAgeInSeconds: 604_801 }, 'got 604801'],
    ['two ages', { maximumRecordAgeInSeconds: 60, maximumRecordAge: 60 }, 'maximumRecordAgeInSeconds alone'],
    ['bisecting', { bisectBatchOnFunctionError: 'yes' }, 'bisectBatchOnFunctionError'],
    ['functionResponseType', { functionResponseType: 'Report' }, 'functionResponseType'],
    [
      'pollers',
      { provisionedPollerConfig: { minimumPollers: 201 } },
      'provisionedPollerConfig.minimumPollers',
    ],
    ['pollers upside down', { provisionedPollerConfig: { minimumPollers: 5, maximumPollers: 4 } }, 'at most'],
    ['other pollers', { provisionedPollerConfig: { pollers: 5 } }, 'in provisionedPollerConfig, got pollers'],
    [
      'destination',
      { destinations: { onFailure: 'arn:aws:sqs:x' } },
      'destinations.onFailure: expected kafka://<topic> or arn:aws:s3:::<bucket>, got "arn:aws:sqs:x"',
    ],
    [
      'own topic as destination',
      { destinations: { onFailure: 'kafka://orders' } },
      'a topic other than the source',
    ],
    ['topic', { topic: 'no topic' }, 'topic: expected a topic name'],
    ['filterPatterns', { filterPatterns: [] }, 'filterPatterns'],
    [
      'eleventh pattern',
      { filterPatterns: Array.from({ length: 11 }, () => ({ value: ['x'] })) },
      'filterPatterns',
    ],
    [
      'filter pattern on topic',
      { filterPatterns: [{ value: ['x'] }, { topic: ['t'] }] },
      'filterPatterns.1.topic: expected the key value alone',
    ],
    [
      'rule that is none',
      { filterPatterns: [{ value: { size: [{ numeric: ['>', 'x'] }] } }] },
      'filterPatterns.0.value.size.0.numeric: expected',
    ],
  ])('refuses an event for its %s, naming function, event and key', (_, keys, named) => {
    const reading = () => read([{ http: 'GET /' }, { msk: { ...msk, ...keys } }]);
    expect(reading).toThrow('function "train", event 2 (msk)');
    expect(reading).toThrow(named);
    const readingKafka = () => read([{ kafka: { ...kafka, ...keys } }]);
    expect(readingKafka).toThrow('function "train", event 1 (kafka)');
    expect(readingKafka).toThrow(named);
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
    const selfManaged = { f: { name: 'f', handler: 'h.h', events: [{ kafka }] } };
    expect(readServiceMappings({ ...none, functions: selfManaged }).bootstrapServers).toBeUndefined();
    const s3 = { f: { name: 'f', handler: 'h.h', events: [{ s3: 'b' }] } };
    const cluster = { KAFKA_BOOTSTRAP_SERVERS: 'k:1' };
    expect(() => readServiceMappings({ ...none, functions: s3, environment: cluster })).toThrow(
      'AWS_ENDPOINT_URL_S3',
    );
  });
});
