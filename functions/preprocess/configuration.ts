import { readFile } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { describeError, FltsError } from '../shared/errors.ts';
import { contentHash } from '../shared/hash.ts';
import { DATA_SETTINGS } from '../shared/settings/data.ts';
import type { Setting } from '../shared/settings/setting.ts';
import {
  claimSettings,
  preprocessControlShape,
  preprocessSettings,
  readSettings,
  settingsInForce,
  type ClaimSettings,
  type PreprocessSettings,
} from '../shared/settings/settings.ts';
import type { Storage } from '../shared/storage/storage.ts';
import { BUCKETS } from '../shared/topics.ts';
import { HOLIDAY_DATA } from './steps/holidays.ts';
import { settingsInEffect } from './settings-in-effect.ts';

/** Raised where the same input and settings give other processed data than before. */
const SCHEMA_VERSION = 2;

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Configuration {
  readonly preprocess: PreprocessSettings;
  /** Train and evaluate values in force, for the stages after. */
  readonly claim: ClaimSettings;
  readonly force: boolean;
}

/** These say how a file is read: a group's own settings come too late for them. */
const OF_THE_FILE = [
  'INDEX_COLUMN',
  'DATE_FORMAT',
  'GROUP_COLUMN',
  'HANDLE_DUPLICATES',
  'DECIMAL',
  'DELIMITER',
  'MISSING_VALUES',
  'ENCODING',
];

/**
 * Settings in force for an identifier: defaults < `<id>.config.json` in the dataset bucket, or, where there is none,
 * the file that CONFIG_PATH names < environment. @throws FltsError setting_invalid, naming the place
 */
export async function loadConfiguration(
  storage: Storage,
  identifier: string,
  environment: Environment,
): Promise<Configuration> {
  const { values, place } = await loadFile(storage, identifier, environment);
  return configurationOf(settingsInForce(values, environment, place), environment);
}

/**
 * Those of a group: defaults < the settings of the file that it is of < `<group>.config.json` < environment.
 * @throws FltsError setting_invalid, also for a setting of the file's that a group cannot have of its own
 */
export async function loadGroupConfiguration(
  storage: Storage,
  { file, group }: { readonly file: string; readonly group: string },
  environment: Environment,
): Promise<Configuration> {
  const { values, place } = await loadFile(storage, file, environment);
  const own = await readObject(storage, BUCKETS.dataset, `${group}.config.json`);
  const ownValues = own === undefined ? {} : parseObject(own.text, own.place);
  const misplaced = OF_THE_FILE.find((name) => name in ownValues);
  if (misplaced !== undefined)
    throw invalid(`${own?.place ?? place} ${misplaced}: expected in ${file}.config.json alone, got it here`);
  const inForce = settingsInForce({ ...values, ...ownValues }, environment, own?.place ?? place);
  const { preprocess, ...others } = configurationOf(inForce, environment);
  // What these two say is in the rows by now.
  return { ...others, preprocess: { ...preprocess, INDEX_COLUMN: '', GROUP_COLUMN: '' } };
}

async function loadFile(
  storage: Storage,
  identifier: string,
  environment: Environment,
): Promise<{ values: Readonly<Record<string, unknown>>; place: string }> {
  const { CONFIG_PATH } = readSettings(preprocessControlShape, environment);
  const own = await readObject(storage, BUCKETS.dataset, `${identifier}.config.json`);
  const { text, place } = own ?? (await readConfigPath(storage, CONFIG_PATH));
  return { values: parseObject(text, place), place };
}

function configurationOf(
  values: ReturnType<typeof settingsInForce>,
  environment: Environment,
): Configuration {
  const { FORCE_REPROCESS } = readSettings(preprocessControlShape, environment);
  return {
    preprocess: preprocessSettings.parse(values),
    claim: claimSettings.parse(values),
    force: FORCE_REPROCESS,
  };
}

interface SettingsFile {
  readonly text: string;
  readonly place: string;
}

async function readObject(storage: Storage, bucket: string, key: string): Promise<SettingsFile | undefined> {
  const stored = await storage.get(bucket, key);
  return stored && { text: Buffer.from(stored.body).toString('utf8'), place: `${bucket}/${key}` };
}

async function readConfigPath(storage: Storage, path: string): Promise<SettingsFile> {
  if (path === '') return { text: '{}', place: 'settings' };
  const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/u.exec(path) ?? [];
  try {
    if (bucket === undefined || key === undefined)
      return { text: await readFile(path, 'utf8'), place: `CONFIG_PATH ${path}` };
  } catch (cause) {
    throw invalid(`CONFIG_PATH: expected a file at ${path}, got ${describeError(cause).message}`, cause);
  }
  const stored = await readObject(storage, bucket, key);
  if (stored === undefined) throw invalid(`CONFIG_PATH: expected an object at ${path}, got none`);
  return stored;
}

function parseObject(text: string, place: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/u, ''));
  } catch (cause) {
    throw invalid(
      `expected a JSON object of settings at ${place}, got ${describeError(cause).message}`,
      cause,
    );
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  throw invalid(`expected a JSON object of settings at ${place}, got ${JSON.stringify(value).slice(0, 80)}`);
}

function invalid(message: string, cause?: unknown): FltsError {
  return new FltsError('setting_invalid', message, { status: 400, cause });
}

/** SHA-256 of each input: of a file's bytes; of a group's rows, so that other groups' rows change nothing. */
export interface Inputs {
  readonly train: string;
  readonly test: string | null;
}

/** The canonical object that config_hash is the hash of: what shapes the output and nothing else. */
export function hashedConfig(inputs: Inputs, preprocess: PreprocessSettings): Record<string, unknown> {
  const { EXTRA_HASH_SALT, ...settings } = settingsInEffect(preprocess, inputs.test !== null);
  return {
    schema_version: SCHEMA_VERSION,
    inputs: { train: inputs.train, test: inputs.test },
    settings: asHashed(withoutUnusedLaterOnes(settings)),
    ...(settings.HOLIDAYS_COUNTRY === '' ? {} : { holiday_data: HOLIDAY_DATA }),
    extra_hash_salt: EXTRA_HASH_SALT,
  };
}

/** Settings that came after SCHEMA_VERSION are left out at their defaults, so that older hashes stay. */
function withoutUnusedLaterOnes(settings: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const rows: Readonly<Record<string, Setting>> = DATA_SETTINGS;
  const unused = (name: string): boolean =>
    rows[name]?.isLater === true && isDeepStrictEqual(settings[name], rows[name].schema.parse(undefined));
  return Object.fromEntries(Object.entries(settings).filter(([name]) => !unused(name)));
}

function asHashed(settings: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const rows: Readonly<Record<string, Setting>> = DATA_SETTINGS;
  const entries = Object.entries(settings).map(([name, value]) => [
    name,
    rows[name]?.hashed?.(value) ?? value,
  ]);
  return Object.fromEntries(entries);
}

export function configHash(config: Readonly<Record<string, unknown>>): string {
  return contentHash(config);
}
