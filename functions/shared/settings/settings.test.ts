import { describe, expect, it } from 'vitest';
import {
  claimSettings,
  evaluateShape,
  preprocessShape,
  readSettings,
  serviceShape,
  servingShape,
  settingsInForce,
  trainShape,
} from './settings.ts';
import { AUTO_LENGTH } from './training.ts';
import { everyShape, variables } from './testing/values.ts';

const refused = variables.flatMap(([name, , , values]) =>
  values.map((value): [string, string] => [name, value]),
);

describe('an environment variable', () => {
  it('is covered by this table, each of them', () => {
    const untested = new Set(Object.keys(everyShape));
    for (const [name] of variables) untested.delete(name);
    expect([...untested]).toEqual([]);
  });

  it.each(variables)('%s takes %s', (name, text, value) => {
    expect(readSettings(everyShape, { [name]: text })[name]).toEqual(value);
  });

  it.each(refused)('%s refuses %s, naming the variable and the value', (name, text) => {
    expect(() => readSettings(everyShape, { [name]: text })).toThrow(
      expect.objectContaining({
        code: 'setting_invalid',
        message: expect.stringMatching(
          new RegExp(`environment variable ${name}: .*got ${JSON.stringify(text)}`, 'su'),
        ),
      }),
    );
  });

  it.each([
    ['QUEUE_WORKERS', 'many', 'environment variable QUEUE_WORKERS: expected number, got "many"'],
    ['SCALER', 'Big', /SCALER: expected one of "MinMaxScaler"\|.*, got "Big"$/u],
    ['EPOCHS', '0', 'environment variable EPOCHS: Too small: expected number to be >=1, got "0"'],
  ])('%s=%s says what is allowed and what came', (name, text, message) => {
    expect(() => readSettings(everyShape, { [name]: text })).toThrow(message);
  });

  it('that is empty counts as not set', () => {
    expect(readSettings(trainShape, { EPOCHS: '', SEED: undefined })).toEqual(readSettings(trainShape, {}));
  });

  it('that is refused says what is allowed', () => {
    expect(() => readSettings(preprocessShape, { SCALER: 'standard' })).toThrow(
      /"MinMaxScaler"\|"StandardScaler"/u,
    );
    expect(() => readSettings(trainShape, { EPOCHS: '0' })).toThrow(/>=1/u);
    expect(() => readSettings(preprocessShape, { FREQUENCY: 'hourly' })).toThrow(/like 15min/u);
    expect(() => readSettings(evaluateShape, { EXPECTED_MODEL_TYPES: 'GRU,ARIMA' })).toThrow(
      /"auto"\|"GRU"\|"LSTM"/u,
    );
  });

  it('is named in one error with every other that is wrong', () => {
    expect(() => readSettings(trainShape, { EPOCHS: '0', SEED: 'x' })).toThrow(/EPOCHS: .*; .*SEED: /su);
  });
});

describe('the defaults', () => {
  it('are those of the contract', () => {
    expect(readSettings({ ...preprocessShape, ...trainShape }, {})).toMatchObject({
      SAMPLE_TRAIN_ROWS: 0,
      SAMPLE_STRATEGY: 'head',
      SAMPLE_SEED: 42,
      HANDLE_NANS: true,
      HANDLE_NANS_THRESHOLD: 0.33,
      HANDLE_NANS_NEIGHBOURS: 2,
      CLIP_METHOD: 'none',
      TIME_ZONE: 'UTC',
      REGULARISE: 'auto',
      SCALER: 'StandardScaler',
      INPUT_SEQ_LEN: AUTO_LENGTH,
      OUTPUT_SEQ_LEN: AUTO_LENGTH,
      EPOCHS: 20,
      BATCH_SIZE: 64,
      LEARNING_RATE: 0.001,
      HIDDEN_SIZE: 64,
      NUM_LAYERS: 1,
      LOSS: 'mse',
      DROPOUT: 0,
      WEIGHT_DECAY: 0.1,
      CLIP_NORM: 1,
      EARLY_STOPPING: true,
      EARLY_STOPPING_PATIENCE: 5,
      SEED: 42,
      FAST_MATH: false,
      TFJS_BACKEND: 'wasm',
    });
    expect(readSettings(evaluateShape, {})).toEqual({
      EXPECTED_MODEL_TYPES: ['auto'],
      TRAIN_BUDGET: 600,
      INTERVAL_LEVELS: [80, 95],
      PROMOTION_GATE: 'baseline',
      EVALUATION_ALLOW_FAILED: false,
    });
    expect(readSettings(servingShape, {})).toMatchObject({
      QUEUE_WORKERS: 2,
      QUEUE_MAXSIZE: 40,
      MODEL_WAIT_TIMEOUT: 60,
      INFERENCE_TIMEOUT: 10,
      INFERENCE_MAX_WINDOWS: 500,
      ENABLE_PREDICT_CACHE: true,
      ENABLE_PUBLISH_API: false,
      PREDICT_LOG_FEATURE_LIMIT: 3,
      LOG_HTTP_PREDICTIONS: true,
    });
  });
});

describe('where the services are', () => {
  const env = { KAFKA_BOOTSTRAP_SERVERS: 'b-1:9092,b-2:9092', MLFLOW_TRACKING_URI: 'http://mlflow:5000' };

  it('is read from the environment', () => {
    expect(readSettings(serviceShape, env)).toEqual({
      KAFKA_BOOTSTRAP_SERVERS: ['b-1:9092', 'b-2:9092'],
      MLFLOW_TRACKING_URI: 'http://mlflow:5000',
      BUCKET_PREFIX: '',
      KAFKA_SSL: false,
      KAFKA_SASL_MECHANISM: '',
      KAFKA_USERNAME: '',
      KAFKA_PASSWORD: '',
      LOG_LEVEL: 'info',
    });
  });

  it.each([
    ['KAFKA_BOOTSTRAP_SERVERS', ''],
    ['MLFLOW_TRACKING_URI', 'mlflow'],
    ['LOG_LEVEL', 'loud'],
  ])('is an error that names %s where it is missing or wrong', (name, value) => {
    expect(() => readSettings(serviceShape, { ...env, [name]: value })).toThrow(
      expect.objectContaining({ code: 'setting_invalid', message: expect.stringContaining(name) }),
    );
  });
});

describe("a dataset's config.json", () => {
  const place = 'dataset/us-flights.config.json';

  it('stands between the defaults and the environment', () => {
    const config = {
      INPUT_SEQ_LEN: 24,
      EPOCHS: 2,
      TARGET_COLUMNS: ['load'],
      SEASONAL_PERIODS: 24,
      HANDLE_NANS: false,
    };
    expect(settingsInForce(config, { EPOCHS: '9' }, place)).toMatchObject({
      INPUT_SEQ_LEN: 24,
      EPOCHS: 9,
      BATCH_SIZE: 64,
      TARGET_COLUMNS: ['load'],
      SEASONAL_PERIODS: [24],
      HANDLE_NANS: false,
    });
  });

  it('with an unknown key is refused by its place, the key and what is known', () => {
    expect(() => settingsInForce({ EPOCH: 3, INPUT_SEQ: 1 }, {}, place)).toThrow(
      expect.objectContaining({
        code: 'setting_invalid',
        message: expect.stringMatching(
          /us-flights\.config\.json: unknown setting EPOCH, INPUT_SEQ; known are .*EPOCHS/su,
        ),
      }),
    );
  });

  it('may not hold what is not of a dataset', () => {
    expect(() => settingsInForce({ QUEUE_MAXSIZE: 3 }, {}, place)).toThrow('unknown setting QUEUE_MAXSIZE');
  });

  it('with a wrong value is refused, even where the environment hides it', () => {
    expect(() => settingsInForce({ EPOCHS: 0 }, { EPOCHS: '5' }, place)).toThrow(
      /us-flights\.config\.json EPOCHS: .*got 0/su,
    );
  });

  it('gives the settings that a claim carries, and those survive its JSON', () => {
    const settings = claimSettings.parse(settingsInForce({ EPOCHS: 2 }, {}, place));
    expect(settings).toMatchObject({ EPOCHS: 2, EXPECTED_MODEL_TYPES: ['auto'] });
    expect(claimSettings.parse(JSON.parse(JSON.stringify(settings)))).toEqual(settings);
  });
});
