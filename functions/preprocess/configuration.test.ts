import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { contentHash } from '../shared/hash.ts';
import { preprocessSettings } from '../shared/settings.ts';
import { createMemoryStorage } from '../shared/storage/memory-storage.ts';
import { hashedConfig, loadConfiguration, type Environment, type Inputs } from './configuration.ts';

async function load(files: Readonly<Record<string, unknown>>, environment: Environment = {}) {
  const storage = createMemoryStorage();
  for (const [key, value] of Object.entries(files))
    await storage.put('dataset', key, typeof value === 'string' ? value : JSON.stringify(value));
  return loadConfiguration(storage, 'flights', environment);
}

describe('loadConfiguration', () => {
  it('knows the defaults', async () => {
    const { preprocess, claim, force } = await load({});

    expect(preprocess).toMatchObject({
      HANDLE_NANS_THRESHOLD: 0.33,
      SCALER: 'StandardScaler',
      TIME_ZONE: 'UTC',
    });
    expect(claim).toMatchObject({ INPUT_SEQ_LEN: 10, EXPECTED_MODEL_TYPES: ['GRU', 'LSTM', 'PROPHET'] });
    expect(force).toBe(false);
  });

  it('puts the data set’s file before the defaults and the environment before both', async () => {
    const file = { INPUT_SEQ_LEN: 24, SCALER: 'MinMaxScaler', SAMPLE_TRAIN_ROWS: 500 };
    const { preprocess, claim } = await load(
      { 'flights.config.json': file, 'other.config.json': { EPOCHS: 3 } },
      {
        SCALER: 'RobustScaler',
        EPOCHS: '7',
        FORCE_REPROCESS: '0',
        PATH: '/bin',
      },
    );

    expect(claim).toMatchObject({ INPUT_SEQ_LEN: 24, EPOCHS: 7 });
    expect(preprocess).toMatchObject({ SCALER: 'RobustScaler', SAMPLE_TRAIN_ROWS: 500 });
  });

  it('reads CONFIG_PATH where the data set has no file of its own', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'flts-config-'));
    try {
      const path = join(folder, 'settings.json');
      await writeFile(path, '{"EPOCHS": 3, "HIDDEN_SIZE": 8}');
      const shared = { CONFIG_PATH: path };

      expect((await load({}, shared)).claim).toMatchObject({ EPOCHS: 3, HIDDEN_SIZE: 8 });
      expect((await load({ 'flights.config.json': { EPOCHS: 4 } }, shared)).claim).toMatchObject({
        EPOCHS: 4,
        HIDDEN_SIZE: 64,
      });
      expect(
        (await load({ 'all.json': { EPOCHS: 5 } }, { CONFIG_PATH: 's3://dataset/all.json' })).claim.EPOCHS,
      ).toBe(5);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it.each([
    ['text that is no JSON', { 'flights.config.json': '{"EPOCHS":' }, {}, 'dataset/flights.config.json'],
    [
      'JSON that is no object',
      { 'flights.config.json': '[1]' },
      {},
      'settings at dataset/flights.config.json, got [1]',
    ],
    ['an unknown setting', { 'flights.config.json': { EPOCH: 3 } }, {}, 'unknown setting EPOCH'],
    ['a value out of range', { 'flights.config.json': { EPOCHS: 0 } }, {}, 'EPOCHS'],
    ['a variable of another kind', {}, { HANDLE_NANS: 'maybe' }, 'HANDLE_NANS'],
    ['lags, which are not offered yet', {}, { LAGS_N: '2' }, 'LAGS_N'],
    ['resampling, which is not offered yet', {}, { REGULARISE: 'resample' }, 'REGULARISE'],
    [
      'groups, which are not offered yet',
      { 'flights.config.json': { GROUP_COLUMN: 'id' } },
      {},
      'GROUP_COLUMN',
    ],
    ['a time zone that is none', {}, { TIME_ZONE: 'Mars/Olympus' }, 'IANA'],
    ['a frequency that is none', {}, { FREQUENCY: 'often' }, 'FREQUENCY'],
    ['several business days', {}, { FREQUENCY: '2B' }, 'FREQUENCY'],
    ['a CONFIG_PATH without a file', {}, { CONFIG_PATH: '/nowhere/settings.json' }, 'CONFIG_PATH'],
    ['a CONFIG_PATH without an object', {}, { CONFIG_PATH: 's3://dataset/x.json' }, 's3://dataset/x.json'],
  ])('refuses %s', async (_, files, environment, message) => {
    await expect(load(files, environment)).rejects.toMatchObject({
      code: 'setting_invalid',
      retryable: false,
      message: expect.stringContaining(message),
    });
  });
});

/** A change of what these settings mean, or of a default, needs another SCHEMA_VERSION, and then other hashes here. */
const GOLDEN_HASHES: readonly [Readonly<Record<string, unknown>>, string | null, string][] = [
  [{}, null, '5b8c71d184005ad0da6da4d53dd1222bdb593f3173cfe094ad9ce816326a00c4'],
  [{}, 'bb', 'ae7a1abb493e5b2f7b505ecd5d61a32a5a60c0ded1dc26ee0ea0dd17be61bf37'],
  [
    { SPLIT: [0.6, 0.2, 0.1, 0.1], SCALER: 'none', HANDLE_NANS: false },
    null,
    'b124f60073bf823b0a6c887a28c68066a295ced5989f36f254973e739cd8c6af',
  ],
  [
    { TARGET_COLUMNS: ['Größe', 'a', '温度'], SEASONAL_PERIODS: [168, 24], EXTRA_HASH_SALT: '😀' },
    null,
    'd6a3ab91cc1f883939f455230932c5ed91b28598a286c2c7543d4e0a9fc83654',
  ],
  [
    { SAMPLE_TRAIN_ROWS: 1000, SAMPLE_STRATEGY: 'random', SAMPLE_SEED: 7, TIME_ZONE: 'Asia/Kolkata' },
    'bb',
    '3c0cc2c913d7229f117d5647589af6a9e5ab306e528ca59dd0813194e5f3d5ae',
  ],
];

describe('hashedConfig', () => {
  const inputs: Inputs = { train: 'aa', test: null };
  const hash = (settings: Readonly<Record<string, unknown>> = {}, of: Inputs = inputs): string =>
    contentHash(hashedConfig(of, preprocessSettings.parse(settings)));

  it('gives another hash for other content, and for a test file', () => {
    const hashes = [
      inputs,
      { train: 'bb', test: null },
      { train: 'aa', test: 'bb' },
      { train: 'bb', test: 'aa' },
    ];

    expect(new Set(hashes.map((of) => hash({}, of))).size).toBe(4);
  });

  it.each([
    [
      'defaults that are written out',
      { SCALER: 'StandardScaler', SPLIT: '.7,.1,.1,.1', HANDLE_NANS: 'true' },
      {},
    ],
    [
      'another order of keys and lists',
      { TARGET_COLUMNS: 'a,b', SEASONAL_PERIODS: [24, 168], SCALER: 'none' },
      { SCALER: 'none', SEASONAL_PERIODS: '168,24,24', TARGET_COLUMNS: ['b', 'a'] },
    ],
    ['train and evaluate settings', { EPOCHS: 3, PROMOTION_GATE: 'none' }, {}],
  ])('gives the same hash for %s', (_, one, other) => {
    expect(hash(one)).toBe(hash(other));
  });

  it.each(GOLDEN_HASHES)('of %j and a test file %j is %s on any machine', (settings, test, golden) => {
    const file = JSON.stringify(settings);
    const reversed = JSON.stringify(Object.fromEntries(Object.entries(settings).toReversed()));
    for (const written of [file, reversed])
      expect(hash(JSON.parse(written) as Record<string, unknown>, { train: 'aa', test })).toBe(golden);
  });

  it('holds the schema version, the inputs, the settings and the salt alone', () => {
    expect(Object.keys(hashedConfig(inputs, preprocessSettings.parse({})))).toEqual([
      'schema_version',
      'inputs',
      'settings',
      'extra_hash_salt',
    ]);
  });
});
