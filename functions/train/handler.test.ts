import { RuntimeError, type RuntimePool } from '@flts/model-runtime';
import { readFile } from 'node:fs/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { hourlyCsv } from '../preprocess/testing/stage.ts';
import { kafkaHandler } from '../shared/handlers/kafka-handler.ts';
import { claimSettings, readSettings } from '../shared/settings/settings.ts';
import { context, failures, mskEvent, mskRecord } from '../shared/testing/events.ts';
import { createMemoryServices } from '../shared/testing/memory-services.ts';
import { processUpload } from '../shared/testing/promoted.ts';
import { createThreadlessPool } from '../shared/testing/threadless-pool.ts';
import { createRoutes } from './routes.ts';
import { trainStage } from './stage.ts';

const TOPIC = 'training-data';

const threadless = createThreadlessPool();

function functionOf(modelTypes: readonly string[] = ['PROPHET'], pool: Partial<RuntimePool> = {}) {
  const world = createMemoryServices();
  const trainer = {
    modelTypes,
    pool: { ...threadless, ...pool },
    holder: 'us',
  };
  const routes = createRoutes(trainer, readSettings(claimSettings.shape, { OUTPUT_SEQ_LEN: '6' }));
  const handler = kafkaHandler({ name: 'train', routes, services: world.services });
  const deliver = (value: unknown) => handler(mskEvent(mskRecord({ topic: TOPIC, value })), context);
  return { ...world, deliver, handler };
}

/** The model type whose trainer is train-<name>. */
function typeOf(name: string): string {
  const trainer = trainStage.functions.find((each) => each.name === `train-${name}`);
  return trainer?.environment?.['MODEL_TYPE'] ?? '';
}

describe('the train function', () => {
  it('trains what a user publishes with bucket and object alone', async () => {
    const { services, deliver, publisher, tracking } = functionOf();
    const { training } = await processUpload(services, 'load', { csv: hourlyCsv(400) });
    const { bucket, object } = training;
    expect(failures(await deliver({ bucket, object }))).toEqual({});
    expect(tracking.runs()).toMatchObject([{ runName: 'PROPHET', status: 'FINISHED' }]);
    expect(publisher.messages('model-training').at(-1)).toMatchObject({
      identifier: 'load',
      model_type: 'PROPHET',
      status: 'SUCCESS',
      settings: { OUTPUT_SEQ_LEN: 6 },
    });
  });

  it('has a claim delivered again while a rival trains it', async () => {
    const { services, deliver, publisher, storage } = functionOf();
    const { training } = await processUpload(services, 'load', { csv: hourlyCsv(400) });
    const working = { ...storage };
    storage.putJson = async (bucket, key, ...rest) =>
      key.includes('/leases/') ? { written: false } : working.putJson(bucket, key, ...rest);
    expect(failures(await deliver(training))).toEqual({ 'training-data-0': 0 });
    expect(publisher.sent).toEqual([]);
  });

  it.each([
    ['a claim without an object', { bucket: 'processed-data' }, 'message_invalid'],
    [
      'a claim on an object that is gone',
      { bucket: 'processed-data', object: 'x/y/train.parquet' },
      'object_not_found',
    ],
    ['text', 'train!', 'message_not_json'],
  ])('gives up %s', async (_name, value, code) => {
    const { deliver, publisher } = functionOf();
    expect(failures(await deliver(value))).toEqual({});
    expect(publisher.sent).toMatchObject([{ topic: 'DLQ-training-data', headers: { dlq_error_code: code } }]);
  });

  it.each(['gru', 'lstm', 'prophet', 'tcn', 'ed-lstm', 'tets'])(
    'understands the example event of train-%s',
    async (type) => {
      const { handler, publisher } = functionOf([typeOf(type)]);
      const text = await readFile(new URL(`../../test/events/train-${type}.json`, import.meta.url), 'utf8');
      expect(failures(await handler(JSON.parse(text), context))).toEqual({});
      // Understood up to the data set, which is not there.
      expect(publisher.sent).toMatchObject([
        { topic: 'DLQ-training-data', headers: { dlq_error_code: 'object_not_found' } },
      ]);
    },
  );
});

describe('the train handler', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
    vi.resetModules();
  });

  it.each(['SEASONAL_NAIVE', ''])(
    'does not start as a trainer of %j, and says what is allowed',
    async (type) => {
      vi.stubEnv('MODEL_TYPE', type);
      await expect(import('./handler.ts')).rejects.toMatchObject({
        code: 'setting_invalid',
        message: expect.stringMatching(/MODEL_TYPE.*GRU/u),
      });
    },
  );

  it('starts with the settings of its environment, all checked', async () => {
    vi.stubEnv('MODEL_TYPE', 'GRU');
    vi.stubEnv('EPOCHS', 'many');
    await expect(import('./handler.ts')).rejects.toMatchObject({
      code: 'setting_invalid',
      message: expect.stringContaining('EPOCHS'),
    });
  });

  it('of several models trains each; a letter names those that can never be', async () => {
    const { services, deliver, publisher } = functionOf(['PROPHET', 'GRU'], {
      train: (task) =>
        task.modelType === 'GRU'
          ? Promise.reject(new RuntimeError('loss_diverged', 'expected a finite loss, got NaN'))
          : threadless.train(task),
    });
    const config = { EXPECTED_MODEL_TYPES: ['GRU', 'PROPHET'], EPOCHS: 1 };
    const { training } = await processUpload(services, 'load', { csv: hourlyCsv(400), config });
    expect(failures(await deliver(training))).toEqual({});
    const finished = publisher.messages('model-training').filter(({ status }) => status === 'SUCCESS');
    expect(finished.map(({ run_name }) => run_name)).toEqual(['PROPHET']);
    const letters = publisher.sent.filter(({ topic }) => topic === 'DLQ-training-data');
    expect(letters.map(({ headers }) => [headers?.['dlq_error_code'], headers?.['dlq_model_types']])).toEqual(
      [['training_failed', 'GRU']],
    );
  });

  it('of several models delivers a claim again where one may yet succeed, and keeps what is trained', async () => {
    const closed = new RuntimeError('pool_closed', 'expected a thread, got none', { retryable: true });
    const { services, deliver, publisher, tracking } = functionOf(['GRU', 'PROPHET'], {
      train: (task) => (task.modelType === 'GRU' ? Promise.reject(closed) : threadless.train(task)),
    });
    const config = { EXPECTED_MODEL_TYPES: ['GRU', 'PROPHET'] };
    const { training } = await processUpload(services, 'load', { csv: hourlyCsv(400), config });
    expect(failures(await deliver(training))).toEqual({ 'training-data-0': 0 });
    const finished = tracking.runs().filter(({ status }) => status === 'FINISHED');
    expect(finished.map(({ runName }) => runName)).toEqual(['PROPHET']);
    expect(publisher.sent.filter(({ topic }) => topic === 'DLQ-training-data')).toEqual([]);
  });
});
