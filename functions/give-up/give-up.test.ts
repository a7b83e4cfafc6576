import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { claimIdOfUpload } from '../shared/claims.ts';
import { FltsError, ServiceError } from '../shared/errors.ts';
import { claimSettings, readSettings } from '../shared/settings/settings.ts';
import { newestClaim, stageStatus, writeStatus, type StageStatus } from '../shared/status.ts';
import { context, failures, mskEvent, mskRecord, type RecordFields } from '../shared/testing/events.ts';
import { createMemoryServices } from '../shared/testing/memory-services.ts';
import { createHandler } from './create-handler.ts';

const AT = '2024-05-01T10:00:00.000Z';
const claim = {
  v: 1,
  identifier: 'load',
  config_hash: 'config',
  claim_id: 'claim-1',
  claimed_at: AT,
  produced_at: AT,
};
const settings = readSettings(claimSettings.shape, { EXPECTED_MODEL_TYPES: 'GRU,LSTM' });
const training = {
  ...claim,
  bucket: 'processed-data',
  object: 'load/config/train.parquet',
  size: 1,
  test_object: 't',
  meta_object: 'm',
  settings,
};
const dlqHeaders = {
  dlq_error_name: 'RuntimeError',
  dlq_error_code: 'loss_diverged',
  dlq_error_message: 'no finite loss',
  dlq_function: 'train-gru',
  dlq_timestamp: '2024-05-01T11:00:00.000Z',
};
const error = { name: 'RuntimeError', code: 'loss_diverged', message: 'no finite loss' };
const dlq = { topic: 'DLQ-training-data', partition: 1, offset: '7' };

function functionOf() {
  const world = createMemoryServices();
  const { storage } = world;
  const handler = createHandler(world.services);
  const deliver = (fields: RecordFields) =>
    handler(
      mskEvent(
        mskRecord({ topic: 'DLQ-training-data', partition: 1, offset: 7, headers: dlqHeaders, ...fields }),
      ),
      context,
    );
  return {
    ...world,
    handler,
    deliver,
    report: (fields: Partial<StageStatus> & Pick<StageStatus, 'stage' | 'state'>) =>
      writeStatus(storage, {
        identifier: 'load',
        claim_id: 'claim-1',
        claimed_at: AT,
        config_hash: 'config',
        updated_at: '2024-05-01T10:30:00.000Z',
        ...fields,
      }),
    status: async (
      name: string,
      identifier = 'load',
      claimId = 'claim-1',
    ): Promise<StageStatus | undefined> => {
      const key = `${identifier}/status/${claimId}/${name}.json`;
      return (await storage.getJson('processed-data', key, stageStatus))?.value;
    },
    published: () => world.publisher.messages('model-training'),
  };
}

describe('a training claim that was given up', () => {
  it('ends the evaluator’s waiting with FAILED, and says so in its status', async () => {
    const { deliver, published, publisher, status, report } = functionOf();
    await report({ stage: 'train', model_type: 'GRU', state: 'RUNNING', run_id: 'run-1', epoch: 3 });
    await deliver({ value: training, headers: { ...dlqHeaders, correlation_id: 'c-1' } });
    expect(published()).toEqual([
      {
        ...claim,
        produced_at: '2024-05-01T12:00:00.000Z',
        operation: 'Failed: GRU',
        status: 'FAILED',
        experiment: 'load',
        run_name: 'GRU',
        run_id: 'run-1',
        model_type: 'GRU',
        settings,
        error,
      },
    ]);
    expect(publisher.sent[0]).toMatchObject({ key: 'load', headers: { correlation_id: 'c-1' } });
    expect(await status('train-GRU')).toEqual({
      identifier: 'load',
      claim_id: 'claim-1',
      claimed_at: AT,
      config_hash: 'config',
      stage: 'train',
      model_type: 'GRU',
      state: 'FAILED',
      updated_at: '2024-05-01T12:00:00.000Z',
      run_id: 'run-1',
      epoch: 3,
      error,
      dlq,
    });
  });

  it.each([
    ['train-gru', 'GRU'],
    ['flts-dev-train-prophet', 'PROPHET'],
    ['TRAIN-LSTM', 'LSTM'],
    ['flts-train-train-ed-lstm', 'ED_LSTM'],
  ])('by %s failed as %s', async (name, type) => {
    const { deliver, published } = functionOf();
    await deliver({ value: training, headers: { ...dlqHeaders, dlq_function: name } });
    expect(published().map(({ model_type }) => model_type)).toEqual([type]);
  });

  it('by nobody knows whom failed for every trainer that has not succeeded', async () => {
    const { deliver, published, report } = functionOf();
    await report({ stage: 'train', model_type: 'GRU', state: 'SUCCESS' });
    await deliver({ value: training, headers: {} });
    expect(published()).toMatchObject([
      {
        model_type: 'LSTM',
        error: { name: 'Error', code: 'internal', message: expect.stringContaining('last attempt') },
      },
    ]);
  });

  it('without a word of its trainer is that of the one it was to go on in, where it is a continuation', async () => {
    const { deliver, published } = functionOf();
    await deliver({ value: { ...training, continuation: { model_type: 'LSTM', count: 2 } }, headers: {} });
    expect(published()).toMatchObject([{ model_type: 'LSTM', status: 'FAILED' }]);
  });

  it('that has succeeded meanwhile stays so, with the place of the record beside it', async () => {
    const { deliver, report, status } = functionOf();
    await report({ stage: 'train', model_type: 'GRU', state: 'SUCCESS', run_id: 'run-1' });
    await deliver({ value: training });
    expect(await status('train-GRU')).toMatchObject({ state: 'SUCCESS', run_id: 'run-1', dlq });
  });

  it('that is under way again keeps its newer report', async () => {
    const { deliver, report, status } = functionOf();
    const updated_at = '2024-05-01T11:30:00.000Z';
    await report({ stage: 'train', model_type: 'GRU', state: 'RUNNING', updated_at });
    await deliver({ value: training });
    expect(await status('train-GRU')).toMatchObject({ state: 'RUNNING', updated_at });
  });

  it('that was no whole claim has a status, and is not told of to the evaluator', async () => {
    const { deliver, published, status } = functionOf();
    await deliver({ value: { ...claim, settings: { EPOCHS: 'many' } } });
    expect(published()).toEqual([]);
    expect(await status('train-GRU')).toMatchObject({ state: 'FAILED', error, dlq });
  });

  it('may be told of twice', async () => {
    const { deliver, published, status } = functionOf();
    await deliver({ value: training });
    const first = await status('train-GRU');
    await deliver({ value: training });
    expect(published()[1]).toEqual(published()[0]);
    expect(await status('train-GRU')).toEqual(first);
  });
});

describe('any other record that was given up', () => {
  it.each([
    ['DLQ-inference-data', 'infer', 'infer'],
    ['DLQ-inference-results', 'record', 'infer'],
    ['DLQ-model-selected', 'infer', 'infer'],
    ['DLQ-model-training', 'evaluate', 'evaluate'],
    ['DLQ-model-training', 'flts-dev-infer', 'infer'],
  ])('in %s by %s fails the stage %s of its claim', async (topic, name, stage) => {
    const { deliver, status, publisher, log } = functionOf();
    await deliver({ topic, value: claim, headers: { ...dlqHeaders, dlq_function: name } });
    expect(await status(stage)).toMatchObject({ stage, state: 'FAILED', error, dlq: { ...dlq, topic } });
    expect(publisher.sent).toEqual([]);
    expect(log.lines).toMatchObject([{ level: 'warn', event: 'stage_given_up', stage, claim_id: 'claim-1' }]);
  });

  it.each([
    ['text', 'no JSON', 'no JSON'],
    ['no object', '[1]', '[1]'],
    ['a message without a claim', { identifier: 'load' }, '{"identifier":"load"}'],
    ['an identifier no key can have', { ...claim, identifier: 'x'.repeat(1000) }, '{"v":1'],
    [
      'a lone surrogate',
      `{"identifier":"\\ud800","claim_id":"c","claimed_at":"${AT}"}`,
      '{"identifier":"\\ud800"',
    ],
  ])('that is %s is logged with its place, and holds nothing up', async (_name, value, beginning) => {
    const { deliver, log, storage } = functionOf();
    expect(failures(await deliver({ value }))).toEqual({});
    expect(log.lines).toMatchObject([
      {
        event: 'dead_letter_unreadable',
        topic: 'DLQ-training-data',
        partition: 1,
        offset: 7,
        beginning: expect.stringContaining(beginning),
        error,
      },
    ]);
    expect(storage.keys()).toEqual([]);
  });

  it('is delivered again while it cannot be told of, logged where it never can, and never sent to a DLQ itself', async () => {
    const { deliver, services, publisher, log } = functionOf();
    const working = { ...services.storage };
    services.storage.putJson = () => Promise.reject(new ServiceError('storage_unavailable', 'no S3'));
    expect(failures(await deliver({ value: training }))).toEqual({ 'DLQ-training-data-1': 7 });
    services.storage.putJson = (...write) => working.putJson(...write);
    services.publisher.publish = () => Promise.reject(new FltsError('internal', 'no attempt would mend it'));
    expect(failures(await deliver({ value: training }))).toEqual({});
    expect(log.lines.at(-1)).toMatchObject({ event: 'record_given_up', place: 'DLQ-training-data/1/7' });
    expect(publisher.sent.map(({ topic }) => topic)).toEqual(['model-training']);
  });
});

describe('an upload that was given up', () => {
  const object = { key: 'Messreihe+1%2B2.csv', size: 3, eTag: 'abc', sequencer: '01' };
  const notification = { eventTime: AT, s3: { bucket: { name: 'dataset' }, object } };
  const claimId = claimIdOfUpload({
    bucket: 'dataset',
    key: 'Messreihe 1+2.csv',
    etag: 'abc',
    sequencer: '01',
  });

  it('becomes the newest claim of its identifier, and its preprocess failed', async () => {
    const { deliver, status, storage } = functionOf();
    await deliver({ topic: 'DLQ-dataset', value: { Records: [notification] } });
    expect(await status('preprocess', 'Messreihe 1+2', claimId)).toMatchObject({
      state: 'FAILED',
      claimed_at: AT,
      config_hash: null,
      error,
      dlq: { topic: 'DLQ-dataset', partition: 1, offset: '7' },
    });
    const key = 'Messreihe 1+2/status/current.json';
    const newest = await storage.getJson('processed-data', key, newestClaim);
    expect(newest?.value).toEqual({ claim_id: claimId, claimed_at: AT });
  });

  it('and was split takes along the groups that are not made, each in its own status', async () => {
    const { deliver, status, report } = functionOf();
    const group = (value: string) => ({
      value,
      identifier: `Messreihe 1+2-${value}`,
      claim_id: `${value}-1`,
      state: 'WAITING' as const,
    });
    const ofFile = { identifier: 'Messreihe 1+2', claim_id: claimId, config_hash: null };
    const groups = ['made', 'bad', 'begun', 'new'].map(group);
    await report({ ...ofFile, stage: 'preprocess', state: 'RUNNING', groups });
    const own = { name: 'DataError', code: 'rows_insufficient', message: 'few rows' };
    for (const [value, fields] of [
      ['made', { state: 'SUCCESS' }],
      ['bad', { state: 'FAILED', error: own }],
      ['begun', { state: 'RUNNING' }],
    ] as const) {
      const { identifier, claim_id } = group(value);
      await report({ identifier, claim_id, stage: 'preprocess', ...fields });
    }
    await deliver({ topic: 'DLQ-dataset', value: { Records: [notification] } });
    const told = await Promise.all(
      groups.map(({ identifier, claim_id }) => status('preprocess', identifier, claim_id)),
    );

    expect(told.map((each) => [each?.state, each?.error])).toEqual([
      ['SUCCESS', undefined],
      ['FAILED', own],
      ['FAILED', error],
      ['FAILED', error],
    ]);
    expect(await status('preprocess', 'Messreihe 1+2', claimId)).toMatchObject({ state: 'FAILED', groups });
  });

  it.each([
    ['is no notification', { Records: [] }],
    [
      'has a key that cannot be decoded',
      { Records: [{ ...notification, s3: { ...notification.s3, object: { ...object, key: '%E4' } } }] },
    ],
  ])('and %s is logged', async (_name, value) => {
    const { deliver, log, storage } = functionOf();
    expect(failures(await deliver({ topic: 'DLQ-dataset', value }))).toEqual({});
    expect(log.lines).toMatchObject([{ event: 'dead_letter_unreadable', topic: 'DLQ-dataset' }]);
    expect(storage.keys()).toEqual([]);
  });
});

describe('the give-up function', () => {
  it('understands its example event', async () => {
    const { handler, published } = functionOf();
    const text = await readFile(new URL('../../test/events/give-up.json', import.meta.url), 'utf8');
    expect(failures(await handler(JSON.parse(text), context))).toEqual({});
    expect(published()).toMatchObject([
      { identifier: 'us-flights', status: 'FAILED', error: { code: 'loss_diverged' } },
    ]);
  });
});
