import { Kafka, logLevel, type Producer } from 'kafkajs';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { get, post, upload } from '../support/http.ts';
import { listKeys, readJson } from '../support/objects.ts';
import { startStack, type RunningStack } from '../support/running-stack.ts';
import { hourlyCsv, QUICK_CONFIG } from '../support/series.ts';
import { tapTopic, type TopicTap } from '../support/topic-tap.ts';

const good = hourlyCsv({ rows: 480 });
const lines = good.trimEnd().split('\n');
const withLine = (index: number, line: string): string =>
  [...lines.slice(0, index), line, ...lines.slice(index + 1)].join('\n');

/** identifier, file, code, and what the message must name. */
const uploads: readonly [string, string | Uint8Array, string, RegExp][] = [
  ['empty', '', 'file_empty', /empty\.csv/u],
  ['header-only', `${lines[0]}\n`, 'file_header_only', /header-only\.csv/u],
  ['ragged', withLine(100, '2024-01-05T03:00:00.000Z,1'), 'row_ragged', /line 101/u],
  [
    'text-column',
    withLine(100, '2024-01-05T03:00:00.000Z,much,3.5'),
    'column_not_numeric',
    /load.*line 101.*much/su,
  ],
  ['bad-time', withLine(100, '2024-13-45,1.5,2.5'), 'timestamp_invalid', /line 101.*2024-13-45/su],
  ['too-short', lines.slice(0, 20).join('\n'), 'rows_insufficient', /\d+ rows/u],
  [
    'binary',
    Uint8Array.from({ length: 4096 }, (_, index) => (index * 37) % 256),
    'file_not_text',
    /binary\.csv/u,
  ],
];

describe('bad input', () => {
  let stack: RunningStack;
  let deadUploads: TopicTap;
  let deadTraining: TopicTap;
  let deadInference: TopicTap;
  let outcomes: TopicTap;
  let selected: TopicTap;
  let producer: Producer;

  beforeAll(async () => {
    stack = await startStack();
    const tap = (topic: string): Promise<TopicTap> => tapTopic(stack.kafka, topic);
    [deadUploads, deadTraining, deadInference, outcomes, selected] = (await Promise.all(
      (
        [
          'DLQ-dataset',
          'DLQ-training-data',
          'DLQ-inference-data',
          'model-training',
          'model-selected',
        ] as const
      ).map(tap),
    )) as [TopicTap, TopicTap, TopicTap, TopicTap, TopicTap];
    producer = new Kafka({ clientId: 'test', brokers: [stack.kafka], logLevel: logLevel.NOTHING }).producer();
    await producer.connect();
  });
  afterAll(async () => {
    await producer?.disconnect();
    await Promise.all(
      [deadUploads, deadTraining, deadInference, outcomes, selected].map((tap) => tap?.close()),
    );
    await stack?.dispose();
  });

  it.each(uploads)(
    'uploaded: %s ends as one error in DLQ-dataset, /status and the log, and writes nothing',
    { timeout: 40_000 },
    async (identifier, body, code, place) => {
      await upload(stack.url, `dataset/${identifier}.config.json`, JSON.stringify(QUICK_CONFIG));
      await stack.s3.send(new PutObjectCommand({ Bucket: 'dataset', Key: `${identifier}.csv`, Body: body }));
      const dead = await deadUploads.next(({ key }) => key === identifier);
      expect(dead.headers).toMatchObject({ dlq_error_code: code, dlq_function: 'preprocess' });
      expect(dead.headers['dlq_error_message']).toMatch(place);
      await stack.line(new RegExp(`upload_given_up.*${identifier}\\.csv.*${code}`, 'u'));
      await expect
        .poll(async () => (await get(`${stack.url}/status/${identifier}`)).json, { timeout: 10_000 })
        .toMatchObject({
          state: 'FAILED',
          stages: { preprocess: { state: 'FAILED', error: { code } } },
        });
      const written = await listKeys(stack.s3, 'processed-data', `${identifier}/`);
      expect(written.filter((key) => !key.includes('/status/'))).toEqual([]);
    },
  );

  it(
    'published: what is not JSON goes to the DLQ with its place, and what comes behind it is handled',
    { timeout: 40_000 },
    async () => {
      await producer.send({ topic: 'training-data', messages: [{ key: 'x', value: 'not json {' }] });
      const dead = await deadTraining.next(({ value }) => value === 'not json {');
      expect(dead.headers).toMatchObject({ dlq_error_code: 'message_not_json', dlq_topic: 'training-data' });
      expect(dead.headers['dlq_error_message']).toMatch(/training-data\/\d+\/\d+/u);
    },
  );

  it('published: a message without a field it needs names the field', { timeout: 40_000 }, async () => {
    await producer.send({
      topic: 'inference-data',
      messages: [{ key: 'x', value: JSON.stringify({ bucket: 'dataset' }) }],
    });
    const dead = await deadInference.next(
      ({ json }) => json['bucket'] === 'dataset' && json['object'] === undefined,
    );
    expect(dead.headers).toMatchObject({ dlq_error_code: 'message_invalid' });
    expect(dead.headers['dlq_error_message']).toMatch(/object/u);
  });

  it('published: a claim on an object that is gone names bucket and key', { timeout: 40_000 }, async () => {
    const claim = { bucket: 'processed-data', object: 'nobody/0000/train.parquet' };
    await producer.send({
      topic: 'training-data',
      messages: [{ key: 'nobody', value: JSON.stringify(claim) }],
    });
    const dead = await deadTraining.next(({ json }) => json['object'] === claim.object);
    expect(dead.headers).toMatchObject({ dlq_error_code: 'object_not_found' });
    expect(dead.headers['dlq_error_message']).toMatch(/processed-data\/nobody\/0000/u);
  });

  it('stops nothing else: a good upload after all of it is promoted', { timeout: 90_000 }, async () => {
    await upload(stack.url, 'dataset/good.config.json', JSON.stringify(QUICK_CONFIG));
    await upload(stack.url, 'dataset/good.csv', good);
    await selected.next(({ json }) => json['identifier'] === 'good');
    expect((await post(`${stack.url}/predict`, { identifier: 'good' })).status).toBe(200);
  });

  it(
    'a pointer to a run that is gone: the model in hand goes on serving, an unknown one answers 503',
    { timeout: 40_000 },
    async () => {
      const pointer = await readJson(stack.s3, 'model-promotion', 'good/current.json');
      const gone = {
        ...pointer,
        run_id: '0'.repeat(32),
        model_uri: `runs:/${'0'.repeat(32)}/GRU`,
        promotion_id: 'f'.repeat(64),
      };
      await stack.s3.send(
        new PutObjectCommand({
          Bucket: 'model-promotion',
          Key: 'good/current.json',
          Body: JSON.stringify(gone),
        }),
      );
      await post(`${stack.url}/reload_latest`, {}, stack.admin);
      expect(
        (await post(`${stack.url}/predict`, { identifier: 'good', inference_length: 3 })).json['run_id'],
      ).toBe(pointer?.['run_id']);
      await stack.s3.send(
        new PutObjectCommand({
          Bucket: 'model-promotion',
          Key: 'stale/current.json',
          Body: JSON.stringify({ ...gone, identifier: 'stale' }),
        }),
      );
      const { status, headers, json } = await post(`${stack.url}/predict`, { identifier: 'stale' });
      expect([status, json['status']]).toEqual([503, 'ERROR']);
      expect(headers.get('retry-after')).toMatch(/^\d+$/u);
      await stack.line(/promotion_model_load_fail/u);
    },
  );
});
