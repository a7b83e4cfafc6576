import { describe, expect, it } from 'vitest';
import {
  accessShape,
  bucketShape,
  claimSettings,
  evaluateShape,
  kafkaShape,
  preprocessControlShape,
  preprocessShape,
  readSettings,
  serviceShape,
  servingShape,
  settingsInForce,
  trainShape,
} from './settings.ts';

const everyShape = {
  ...preprocessShape,
  ...preprocessControlShape,
  ...trainShape,
  ...evaluateShape,
  ...servingShape,
  ...accessShape,
  ...bucketShape,
  ...kafkaShape,
};

/** Variable, a value that it takes, what that becomes, values that it refuses. */
const variables: readonly [keyof typeof everyShape, string, unknown, readonly string[]][] = [
  ['SAMPLE_TRAIN_ROWS', '100', 100, ['-1', '1.5', 'all']],
  ['SAMPLE_TEST_ROWS', '0', 0, ['-1', 'x']],
  ['SAMPLE_STRATEGY', 'tail', 'tail', ['middle', 'HEAD']],
  ['SAMPLE_SEED', '7', 7, ['-7', 'x']],
  ['EXTRA_HASH_SALT', 'salt', 'salt', []],
  ['SPLIT', '.6, .2,.1,.1', [0.6, 0.2, 0.1, 0.1], ['.6,0', '2', 'a,b']],
  ['HANDLE_NANS', '0', false, ['yes', '2']],
  ['HANDLE_NANS_THRESHOLD', '.5', 0.5, ['1.1', '-.1', 'x']],
  ['HANDLE_NANS_METHOD', 'ffill', 'ffill', ['bfill', 'median']],
  ['HANDLE_DUPLICATES', 'mean', 'mean', ['first']],
  ['HANDLE_NANS_NEIGHBOURS', '3', 3, ['0', '1.5']],
  ['CLIP_METHOD', 'zscore', 'zscore', ['winsor', 'IQR']],
  ['CLIP_FACTOR', '2.5', 2.5, ['0', '-1', 'x']],
  ['CLIP_QUANTILES', '.05,.9', [0.05, 0.9], ['.9,.05', '.5', '0,1.1', 'low,high']],
  ['TIME_FEATURES_ENABLE', '1', true, ['on']],
  ['TIME_FEATURES', 'hour, month', ['hour', 'month'], ['moon']],
  ['HOLIDAYS_COUNTRY', 'ES-CT', 'ES-CT', ['es', 'Spain', 'ES/CT']],
  ['TIME_ZONE', 'Europe/Berlin', 'Europe/Berlin', ['Mars/Olympus']],
  ['FREQUENCY', '15min', '15min', ['hourly', '0h', '1month']],
  ['SEASONAL_PERIODS', '24,168', [24, 168], ['0', 'day', '1.5']],
  ['REGULARISE', 'resample', 'resample', ['on']],
  ['RESAMPLE_METHOD', 'sum', 'sum', ['max']],
  ['RESAMPLE_MEAN_COLUMNS', 'a', ['a'], []],
  ['RESAMPLE_LAST_COLUMNS', 'a,b', ['a', 'b'], []],
  ['RESAMPLE_SUM_COLUMNS', 'load, flow', ['load', 'flow'], []],
  ['LAGS_N', '3', 3, ['501', '-1']],
  ['LAGS_STEP', '2', 2, ['0', '10001']],
  ['TRAILING_MEANS', '24,168', [24, 168], ['1', '2.5', '10001']],
  ['SCALER', 'RobustScaler', 'RobustScaler', ['robust']],
  ['ADD_CONSTANT', '-2.5', -2.5, ['x', '1e151']],
  ['TARGET_COLUMNS', 'load, flow', ['load', 'flow'], []],
  ['FUTURE_COLUMNS', 'holiday', ['holiday'], []],
  ['DATE_FORMAT', 'DD/MM/YYYY', 'DD/MM/YYYY', ['dd/mm/yyyy', 'YYYY/MM/DD']],
  ['INDEX_COLUMN', 'when', 'when', []],
  ['GROUP_COLUMN', 'District', 'District', []],
  ['FORCE_REPROCESS', '1', true, ['force']],
  ['CONFIG_PATH', 's3://dataset/x.json', 's3://dataset/x.json', []],
  ['INPUT_SEQ_LEN', '24', 24, ['0', '100001', 'x']],
  ['OUTPUT_SEQ_LEN', '6', 6, ['0', '10001']],
  ['EPOCHS', '3', 3, ['0', '2.5']],
  ['BATCH_SIZE', '32', 32, ['0']],
  ['LEARNING_RATE', '0.01', 0.01, ['0', '-1', 'fast']],
  ['HIDDEN_SIZE', '8', 8, ['0', '4097']],
  ['NUM_LAYERS', '2', 2, ['0', '17']],
  ['LOSS', 'huber', 'huber', ['rmse']],
  ['DROPOUT', '0.2', 0.2, ['1', '-0.1']],
  ['WEIGHT_DECAY', '0', 0, ['-1', '2']],
  ['CLIP_NORM', '5', 5, ['-1']],
  ['EARLY_STOPPING', 'false', false, ['never']],
  ['EARLY_STOPPING_PATIENCE', '2', 2, ['0']],
  ['SEED', '1', 1, ['-1', '2147483648']],
  ['FORCE_RETRAIN', 'true', true, ['x']],
  ['FAST_MATH', '1', true, ['x']],
  ['TFJS_BACKEND', 'node', 'node', ['webgl']],
  ['WIDE_VECTORS', '1', true, ['x']],
  ['EXPECTED_MODEL_TYPES', 'GRU,PROPHET', ['GRU', 'PROPHET'], ['ARIMA', ',']],
  ['PROMOTION_GATE', 'none', 'none', ['all']],
  ['EVALUATION_ALLOW_FAILED', '1', true, ['x']],
  ['RUN_INFERENCE_ON_TRAIN_SUCCESS', '1', true, ['x']],
  ['QUEUE_WORKERS', '4', 4, ['0', '65']],
  ['QUEUE_MAXSIZE', '10', 10, ['0']],
  ['WAIT_FOR_MODEL', '1', true, ['x']],
  ['MODEL_WAIT_TIMEOUT', '1.5', 1.5, ['0', 'x']],
  ['INFERENCE_TIMEOUT', '3', 3, ['-3']],
  ['INFERENCE_MAX_WINDOWS', '9', 9, ['0']],
  ['ENABLE_PREDICT_CACHE', '0', false, ['x']],
  ['ENABLE_PUBLISH_API', '1', true, ['x']],
  ['ENABLE_ADMIN_API', '1', true, ['x']],
  ['PREDICT_LOG_FEATURE_LIMIT', '0', 0, ['-1']],
  ['LOG_HTTP_PREDICTIONS', '0', false, ['x']],
  ['RECORD_BEFORE_ANSWER', '0', false, ['x']],
  ['IDENTIFIER', 'us-flights', 'us-flights', []],
  ['ADMIN_TOKEN', 'of-an-admin\n', 'of-an-admin', []],
  ['BUCKET_PREFIX', 'lab-', 'lab-', ['Lab-', '-lab', 'lab.', 'a'.repeat(49)]],
  ['KAFKA_SSL', '1', true, ['x']],
  ['KAFKA_SASL_MECHANISM', 'aws-iam', 'aws-iam', ['SCRAM']],
  ['KAFKA_USERNAME', 'flts', 'flts', []],
  ['KAFKA_PASSWORD', 'p w', 'p w', []],
  ['PUBLIC_READS', '1', true, ['x']],
  ['PUBLIC_UPLOADS', '1', true, ['x']],
];

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
      /"GRU"\|"LSTM"\|"PROPHET"/u,
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
      INPUT_SEQ_LEN: 10,
      OUTPUT_SEQ_LEN: 1,
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
      EXPECTED_MODEL_TYPES: ['GRU', 'LSTM', 'PROPHET'],
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
    expect(settings).toMatchObject({ EPOCHS: 2, EXPECTED_MODEL_TYPES: ['GRU', 'LSTM', 'PROPHET'] });
    expect(claimSettings.parse(JSON.parse(JSON.stringify(settings)))).toEqual(settings);
  });
});
