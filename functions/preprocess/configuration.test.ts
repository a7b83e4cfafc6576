import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { contentHash } from '../shared/hash.ts';
import { claimSettings, preprocessSettings, preprocessShape } from '../shared/settings/settings.ts';
import { variables } from '../shared/settings/testing/values.ts';
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
    expect(claim).toMatchObject({ INPUT_SEQ_LEN: 0, EXPECTED_MODEL_TYPES: ['auto'] });
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

  const ofDatasets = { ...preprocessShape, ...claimSettings.shape };
  it.each(variables.filter(([name]) => name in ofDatasets))(
    'takes %s=%s from the environment',
    async (name, text, value) => {
      const { preprocess, claim } = await load({}, { [name]: text });
      const standard = await load({});
      const inForce = { ...preprocess, ...claim };
      expect(inForce).toEqual({ ...standard.preprocess, ...standard.claim, [name]: value });
    },
  );

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
  [{}, null, 'c1cd5c05dbf4a60fc573aa127ceaaa0d7b9539ce8c66fdec8b9bed1d2d237396'],
  [{}, 'bb', 'b34e6ac89f9cf0d2869f0139dcf5b64137d922f7c28df8876db820c13f29d52c'],
  [
    { SPLIT: [0.6, 0.2, 0.1, 0.1], SCALER: 'none', HANDLE_NANS: false },
    null,
    '3f32593e275cf18d345539c19c10739c68e4dfa94aed578d0d8dffc87ac95736',
  ],
  [
    { TARGET_COLUMNS: ['Größe', 'a', '温度'], SEASONAL_PERIODS: [168, 24], EXTRA_HASH_SALT: '😀' },
    null,
    '10ea599631709a8cae4d30be158f12f7d43d8560347f7e54e9c37f211c6e10bd',
  ],
  [
    { SAMPLE_TRAIN_ROWS: 1000, SAMPLE_STRATEGY: 'random', SAMPLE_SEED: 7, TIME_ZONE: 'Asia/Kolkata' },
    'bb',
    '16184a5e804e80752a2aa64f362eae6b666e89e1101a4af3b544d6f15f5823ab',
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
