import { describe, expect, it } from 'vitest';
import { datasetMeta } from '../shared/dataset/meta.ts';
import { preprocessShape } from '../shared/settings/settings.ts';
import { BUCKETS } from '../shared/topics.ts';
import { createStage } from './testing/stage.ts';
import { roughCsv } from './testing/rough-source.ts';

type Settings = Readonly<Record<string, unknown>>;

const [TRAIN, TEST] = [roughCsv(300), roughCsv(60, 300)];

/** The config_hash of the files with these settings, and all that is stored under it but the settings themselves. */
async function processed(settings: Settings, hasTestFile: boolean, train = TRAIN) {
  const stage = createStage();
  if (hasTestFile) await stage.put('x_test.csv', TEST);
  await stage.put('x.config.json', JSON.stringify(settings));
  await stage.run(await stage.put('x.csv', train));
  const key = stage.storage.keys().find((each) => each.endsWith('/meta.json')) ?? '';
  const stored = await stage.storage.getJson(BUCKETS.processed, key.replace(/^[^/]*\//u, ''), datasetMeta);
  if (stored === undefined) throw new Error(`expected a meta.json, got ${stage.storage.keys().join(', ')}`);
  const { config_hash: hash, config: _config, ...output } = stored.value;
  return { hash, output };
}

interface Toggle {
  /** Settings on both sides. */
  readonly where?: Settings;
  readonly set: Settings;
  readonly testFile?: true;
  /** The training file, where it is another. */
  readonly train?: string;
}

/** Settings under which thirteen days are enough. */
const FEW = { SAMPLE_TRAIN_ROWS: 0, INPUT_SEQ_LEN: 1, SPLIT: [0.5, 0.2, 0.15, 0.15] };
const RESAMPLED = { REGULARISE: 'resample', FREQUENCY: '2h' };

/** Times of the first twelve days of January, as they are written with slashes. */
const SLASHES = TRAIN.split('\n', 250)
  .map((line) => line.replace(/^\d+/u, slashes))
  .join('\n');
function slashes(seconds: string): string {
  const [year = '', month = '', day = '', time = ''] = new Date(Number(seconds) * 1000)
    .toISOString()
    .split(/[-TZ]/u);
  return `${day}/${month}/${year} ${time}`;
}

/** Hours of a column that may have decimals or thousands. */
const EITHER_WAY = [
  'time,load',
  ...Array.from(
    { length: 300 },
    (_, hour) => `${1_000_000_800 + hour * 3600},${1 + (hour % 24)}.${100 + ((hour * 37) % 700)}`,
  ),
].join('\n');

const shaping: readonly Toggle[] = [
  { set: { SAMPLE_TRAIN_ROWS: 200 } },
  { set: { SAMPLE_TEST_ROWS: 40 }, testFile: true },
  { where: { SAMPLE_TRAIN_ROWS: 200 }, set: { SAMPLE_STRATEGY: 'tail' } },
  { where: { SAMPLE_TEST_ROWS: 40 }, set: { SAMPLE_STRATEGY: 'tail' }, testFile: true },
  { where: { SAMPLE_TRAIN_ROWS: 200, SAMPLE_STRATEGY: 'random' }, set: { SAMPLE_SEED: 1 } },
  { set: { SPLIT: [0.6, 0.2, 0.1, 0.1] } },
  { set: { HANDLE_NANS: 0 } },
  { set: { HANDLE_NANS_THRESHOLD: 0.6 } },
  { set: { HANDLE_NANS_NEIGHBOURS: 3 } },
  { set: { HANDLE_NANS_METHOD: 'ffill' } },
  { where: { HANDLE_NANS_METHOD: 'ffill' }, set: { HANDLE_NANS_METHOD: 'mean' } },
  { set: { HANDLE_DUPLICATES: 'mean' } },
  { set: { TIME_FEATURES_ENABLE: 0 } },
  { set: { TIME_ZONE: 'Europe/Madrid' } },
  { set: { TIME_FEATURES: ['minute_of_day', 'hour'] } },
  { set: { HOLIDAYS_COUNTRY: 'ES' } },
  {
    where: { DATE_FORMAT: 'DD/MM/YYYY', REGULARISE: 'off' },
    set: { DATE_FORMAT: 'MM/DD/YYYY' },
    train: SLASHES,
  },
  { where: { DECIMAL: '.' }, set: { DECIMAL: ',' }, train: EITHER_WAY },
  { set: { MISSING_VALUES: ['7'] } },
  { where: { SCALER: 'MaxAbsScaler' }, set: { ADD_CONSTANT: 5 } },
  { where: { SCALER: 'none' }, set: { ADD_CONSTANT: -5 } },
  { where: { REGULARISE: 'off' }, set: { FREQUENCY: '2h' } },
  { set: { SEASONAL_PERIODS: [12] } },
  { set: { REGULARISE: 'off' } },
  { set: { SCALER: 'MinMaxScaler' } },
  { set: { TARGET_COLUMNS: ['load'] } },
  { set: { FUTURE_COLUMNS: ['event'] } },
  { where: { FREQUENCY: '2h', REGULARISE: 'off' }, set: { REGULARISE: 'resample' } },
  { where: { REGULARISE: 'resample', FREQUENCY: '1d', ...FEW }, set: { FREQUENCY: '1B' } },
  { where: RESAMPLED, set: { RESAMPLE_METHOD: 'sum' } },
  { where: { ...RESAMPLED, RESAMPLE_METHOD: 'sum' }, set: { RESAMPLE_MEAN_COLUMNS: ['load'] } },
  { where: RESAMPLED, set: { RESAMPLE_LAST_COLUMNS: ['load'] } },
  { where: RESAMPLED, set: { RESAMPLE_SUM_COLUMNS: ['load'] } },
  { set: { CLIP_METHOD: 'iqr' } },
  { where: { CLIP_METHOD: 'iqr' }, set: { CLIP_FACTOR: 2 } },
  { where: { CLIP_METHOD: 'zscore' }, set: { CLIP_FACTOR: 3 } },
  { where: { CLIP_METHOD: 'quantile' }, set: { CLIP_QUANTILES: [0.05, 0.95] } },
  { set: { LAGS_N: 2 } },
  { where: { LAGS_N: 2 }, set: { LAGS_STEP: 3 } },
  { set: { TRAILING_MEANS: [6] } },
  { set: { INDEX_COLUMN: 'when', REGULARISE: 'off' }, where: { REGULARISE: 'off' } },
];

const idle: readonly Toggle[] = [
  { set: { SAMPLE_TEST_ROWS: 40 } },
  { set: { SAMPLE_STRATEGY: 'tail' } },
  { where: { SAMPLE_TEST_ROWS: 40 }, set: { SAMPLE_STRATEGY: 'random' } },
  { where: { SAMPLE_TRAIN_ROWS: 200 }, set: { SAMPLE_SEED: 1 } },
  { where: { MISSING_VALUES: ['7', 'Closed'] }, set: { MISSING_VALUES: 'closed,7,7' } },
  { set: { SPLIT: [0.7, 0.1, 0.1, 0.1] } },
  { set: { SPLIT: [0.8, 0.1, 0.1] }, testFile: true },
  {
    where: { HANDLE_NANS: 0 },
    set: { HANDLE_NANS_THRESHOLD: 0.6, HANDLE_NANS_NEIGHBOURS: 3, HANDLE_NANS_METHOD: 'mean' },
  },
  { where: { HANDLE_NANS_METHOD: 'ffill' }, set: { HANDLE_NANS_NEIGHBOURS: 3 } },
  { set: { RESAMPLE_METHOD: 'sum', RESAMPLE_LAST_COLUMNS: ['load'], RESAMPLE_MEAN_COLUMNS: ['flow'] } },
  { where: RESAMPLED, set: { RESAMPLE_MEAN_COLUMNS: ['load'] } },
  {
    where: { ...RESAMPLED, RESAMPLE_SUM_COLUMNS: ['load', 'flow'] },
    set: { RESAMPLE_SUM_COLUMNS: 'flow,load,flow' },
  },
  { set: { CLIP_FACTOR: 3, CLIP_QUANTILES: [0.05, 0.95] } },
  { where: { CLIP_METHOD: 'iqr' }, set: { CLIP_QUANTILES: [0.05, 0.95] } },
  { where: { CLIP_METHOD: 'quantile' }, set: { CLIP_FACTOR: 3 } },
  { set: { LAGS_STEP: 2 } },
  { where: { TRAILING_MEANS: [3, 6] }, set: { TRAILING_MEANS: '6,3,6' } },
  { where: { TIME_FEATURES: ['hour', 'minute_of_day'] }, set: { TIME_FEATURES: 'minute_of_day,hour,hour' } },
  { where: { TIME_FEATURES_ENABLE: 0 }, set: { TIME_FEATURES: ['hour'], HOLIDAYS_COUNTRY: 'ES' } },
  { set: { TIME_FEATURES: ['day_of_year', 'minute_of_day', 'day_of_week'] } },
  { set: { ADD_CONSTANT: 5 } },
  { where: { TIME_FEATURES_ENABLE: 0 }, set: { TIME_ZONE: 'Europe/Madrid' } },
  {
    where: { SEASONAL_PERIODS: [12, 24], TARGET_COLUMNS: ['load', 'flow'] },
    set: { SEASONAL_PERIODS: '24,12,12', TARGET_COLUMNS: 'flow,load,flow' },
  },
  { set: { EPOCHS: 3, HIDDEN_SIZE: 8, PROMOTION_GATE: 'none', EXPECTED_MODEL_TYPES: ['GRU'] } },
];

const sides = ({ where = {}, set, testFile, train }: Toggle) =>
  Promise.all([where, { ...where, ...set }].map((settings) => processed(settings, testFile === true, train)));

describe('config_hash', () => {
  it.each(shaping)('changes, as the output does, with $set where $where', async (toggle) => {
    const [before, after] = await sides(toggle);

    expect(after?.output).not.toEqual(before?.output);
    expect(after?.hash).not.toBe(before?.hash);
  });

  it.each(idle)('stays, as the output does, with $set where $where', async (toggle) => {
    const [before, after] = await sides(toggle);

    expect(after?.output).toEqual(before?.output);
    expect(after?.hash).toBe(before?.hash);
  });

  it('is tried with every setting but the salt, which changes it alone, the one that makes other identifiers, and those that tell what bytes mean', async () => {
    const tried = new Set([...shaping, ...idle].flatMap(({ set }) => Object.keys(set)));
    const untried = Object.keys(preprocessShape).filter((name) => !tried.has(name));
    expect(untried.toSorted()).toEqual(['DELIMITER', 'ENCODING', 'EXTRA_HASH_SALT', 'GROUP_COLUMN']);

    const [plain, salted] = await Promise.all([
      processed({}, false),
      processed({ EXTRA_HASH_SALT: 'x' }, false),
    ]);
    expect(salted.output).toEqual(plain.output);
    expect(salted.hash).not.toBe(plain.hash);
  });
});
