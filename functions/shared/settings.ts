import type { ModelType } from '@flts/model-runtime';
import { z } from 'zod';
import {
  DATE_FORMATS,
  DUPLICATE_RULES,
  FILL_METHODS,
  LARGEST_NUMBER,
  RESAMPLE_METHODS,
  TIME_FEATURES,
} from './dataset/rules.ts';
import { FltsError } from './errors.ts';

const flag = z.preprocess(
  (value) =>
    value === '1' || value === 1 || value === true || value === 'true'
      ? true
      : value === '0' || value === 0 || value === false || value === 'false'
        ? false
        : value,
  z.boolean(),
);
const integer = (min: number, max = Number.MAX_SAFE_INTEGER) => z.coerce.number().int().min(min).max(max);
const positive = z.coerce.number().positive();
const list = z.preprocess(splitList, z.array(z.string().min(1)));
const numberList = z.preprocess(splitList, z.array(z.coerce.number().int().min(1)));

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

function splitList(value: unknown): unknown {
  if (typeof value === 'number') return [value];
  if (typeof value !== 'string') return value;
  return value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

/** Every value that shapes the processed data. Keys are the environment variables' own names. */
export const preprocessShape = {
  SAMPLE_TRAIN_ROWS: integer(0).default(0),
  SAMPLE_TEST_ROWS: integer(0).default(0),
  SAMPLE_STRATEGY: z.enum(['head', 'tail', 'random']).default('head'),
  SAMPLE_SEED: integer(0).default(42),
  EXTRA_HASH_SALT: z.string().default(''),
  /** Four parts (fit, validate, select, test) without a test file, three with one; empty: .7,.1,.1,.1 or .8,.1,.1. */
  SPLIT: z.preprocess(splitList, z.array(z.coerce.number().positive().max(1))).default([]),
  HANDLE_NANS: flag.default(true),
  HANDLE_NANS_THRESHOLD: z.coerce.number().min(0).max(1).default(0.33),
  /** neighbours: their distance-weighted mean; ffill: the last known value; mean: that of the fit rows. */
  HANDLE_NANS_METHOD: z.enum(FILL_METHODS).default('neighbours'),
  HANDLE_NANS_NEIGHBOURS: integer(1).default(2),
  /** Of rows with the same timestamp: the last of the file, the mean of each column, or an error. */
  HANDLE_DUPLICATES: z.enum(DUPLICATE_RULES).default('last'),
  /** Bounds of the model inputs, from the known values of the fit rows; the truth is never clipped. */
  CLIP_METHOD: z.enum(['none', 'iqr', 'zscore', 'quantile']).default('none'),
  /** iqr: quartile ranges beyond the quartiles. zscore: standard deviations from the mean. */
  CLIP_FACTOR: positive.default(1.5),
  /** quantile: the shares of the fit values at the lower and the upper bound. */
  CLIP_QUANTILES: z
    .preprocess(splitList, z.array(z.coerce.number().min(0).max(1)).length(2))
    .refine(([lower = 0, upper = 0]) => lower < upper, 'expected a lower share before a higher one')
    .default([0.01, 0.99]),
  TIME_FEATURES_ENABLE: flag.default(true),
  /** Each as sine and cosine. */
  TIME_FEATURES: z
    .preprocess(splitList, z.array(z.enum(TIME_FEATURES)).min(1))
    .default(['minute_of_day', 'day_of_week', 'day_of_year']),
  /** A country, state or region, like ES, ES-CT, DE-BY-A: its public holidays are a calendar feature; empty: none are. */
  HOLIDAYS_COUNTRY: z
    .string()
    .regex(
      /^$|^[A-Z]{2}(?:-[A-Z0-9]{1,3}){0,2}$/u,
      'expected a country, state or region like ES, ES-CT or DE-BY-A',
    )
    .default(''),
  /** IANA name, of the calendar features. */
  TIME_ZONE: z.string().refine(isTimeZone, 'expected the IANA name of a time zone').default('UTC'),
  /** Like 1h, 15min, 1d, 1B (business days); empty: inferred from the fit rows. */
  FREQUENCY: z
    .string()
    .regex(
      /^$|^(?:[1-9]\d*)?(?:s|min|h|d|w)$|^1?B$/u,
      'expected a count and s, min, h, d or w, like 15min, or 1B',
    )
    .default(''),
  SEASONAL_PERIODS: numberList.default([]),
  /** resample: rows become one for each interval of FREQUENCY, which has to be given. */
  REGULARISE: z.enum(['auto', 'resample', 'off']).default('auto'),
  /** What becomes of an interval's values; the lists name the columns that go another way. */
  RESAMPLE_METHOD: z.enum(RESAMPLE_METHODS).default('mean'),
  RESAMPLE_MEAN_COLUMNS: list.default([]),
  RESAMPLE_LAST_COLUMNS: list.default([]),
  RESAMPLE_SUM_COLUMNS: list.default([]),
  /** Past covariates of each target: its values LAGS_STEP, 2 * LAGS_STEP, … LAGS_N * LAGS_STEP rows before. */
  LAGS_N: integer(0, 500).default(0),
  LAGS_STEP: integer(1, 10_000).default(1),
  /** Past covariates of each target: its means over so many rows up to and including each. */
  TRAILING_MEANS: z.preprocess(splitList, z.array(z.coerce.number().int().min(2).max(10_000))).default([]),
  SCALER: z
    .enum(['MinMaxScaler', 'StandardScaler', 'RobustScaler', 'MaxAbsScaler', 'none'])
    .default('StandardScaler'),
  /** Added to what networks see and learn before it is divided by SCALER's scale, and taken away from what they answer. */
  ADD_CONSTANT: z.coerce.number().min(-LARGEST_NUMBER).max(LARGEST_NUMBER).default(0),
  TARGET_COLUMNS: list.default([]),
  FUTURE_COLUMNS: list.default([]),
  /** The column by whose values a file is split into identifiers `<file>-<value>`; empty: a file is one series. */
  GROUP_COLUMN: z.string().default(''),
  /** What times mean that could be read in two ways: 01/02/2024, 202401311200. */
  DATE_FORMAT: z.enum(DATE_FORMATS).default(''),
  /** The time column; empty: found. */
  INDEX_COLUMN: z.string().default(''),
};

/** Of preprocess too, but without a say in what the data becomes. */
export const preprocessControlShape = {
  /** Process again what is there already. */
  FORCE_REPROCESS: flag.default(false),
  /** A settings file for datasets without an own `<id>.config.json`: a local path or s3://bucket/key. */
  CONFIG_PATH: z.string().default(''),
};

/** Of every function that loads a model. */
export const backendShape = {
  /** What TF.js runs on, where the kernels do not run a network. */
  TFJS_BACKEND: z.enum(['wasm', 'node']).default('wasm'),
};

/** Of every function that trains or loads a model; without a say in what comes out, so no claim carries it. */
export const kernelShape = {
  /** From Node 24 on the kernels use vectors of 256 bits, an experiment of V8's: faster, with the same bits. */
  WIDE_VECTORS: flag.default(false),
};

export const trainShape = {
  INPUT_SEQ_LEN: integer(1, 100_000).default(10),
  OUTPUT_SEQ_LEN: integer(1, 10_000).default(1),
  EPOCHS: integer(1).default(20),
  BATCH_SIZE: integer(1).default(64),
  LEARNING_RATE: positive.default(0.001),
  HIDDEN_SIZE: integer(1, 4096).default(64),
  NUM_LAYERS: integer(1, 16).default(1),
  /** What the networks minimise, in scaled units. */
  LOSS: z.enum(['mse', 'mae', 'huber']).default('mse'),
  /** Share of a layer's units that a window does without while training. */
  DROPOUT: z.coerce.number().min(0).lt(1).default(0),
  /** What weights lose a step, as a share of them and of the learning rate. */
  WEIGHT_DECAY: z.coerce.number().min(0).max(1).default(0.1),
  /** Longer gradients are cut to this; 0 lets them be. */
  CLIP_NORM: z.coerce.number().min(0).default(1),
  EARLY_STOPPING: flag.default(true),
  EARLY_STOPPING_PATIENCE: integer(1).default(5),
  SEED: integer(0, 2 ** 31 - 1).default(42),
  FORCE_RETRAIN: flag.default(false),
  /** Multiplies and adds in one rounding: faster, but weights may differ between machines. */
  FAST_MATH: flag.default(false),
  ...backendShape,
};

/** What there are trainers of. */
export const TRAINED_TYPES = [
  'GRU',
  'LSTM',
  'PROPHET',
  'TCN',
  'ED_LSTM',
  'TETS',
] as const satisfies readonly ModelType[];

export const evaluateShape = {
  /** The models that a claim trains and compares; trainers of others let it pass. */
  EXPECTED_MODEL_TYPES: z
    .preprocess(splitList, z.array(z.enum(TRAINED_TYPES)).min(1))
    .default(['GRU', 'LSTM', 'PROPHET']),
  PROMOTION_GATE: z.enum(['none', 'baseline', 'incumbent']).default('baseline'),
  EVALUATION_ALLOW_FAILED: flag.default(false),
};

export const preprocessSettings = z.object(preprocessShape);
/** What a claim carries for the stages after preprocess. */
export const claimSettings = z.object({ ...trainShape, ...evaluateShape });
/** A dataset's `<id>.config.json`: any preprocess, train or evaluate value; unknown keys are refused. */
export const datasetSettings = z.strictObject({ ...preprocessShape, ...trainShape, ...evaluateShape });

export type PreprocessSettings = z.infer<typeof preprocessSettings>;
export type ClaimSettings = z.infer<typeof claimSettings>;

/** Settings of infer, predict and record. */
export const servingShape = {
  RUN_INFERENCE_ON_TRAIN_SUCCESS: flag.default(false),
  QUEUE_WORKERS: integer(1, 64).default(2),
  QUEUE_MAXSIZE: integer(1).default(40),
  WAIT_FOR_MODEL: flag.default(false),
  /** Seconds. */
  MODEL_WAIT_TIMEOUT: positive.default(60),
  /** Seconds. */
  INFERENCE_TIMEOUT: positive.default(10),
  INFERENCE_MAX_WINDOWS: integer(1).default(500),
  ENABLE_PREDICT_CACHE: flag.default(true),
  ENABLE_PUBLISH_API: flag.default(false),
  ENABLE_ADMIN_API: flag.default(false),
  PREDICT_LOG_FEATURE_LIMIT: integer(0).default(3),
  LOG_HTTP_PREDICTIONS: flag.default(true),
  /** An answer waits until its line is published: on Lambda, work that goes on after the answer is lost. */
  RECORD_BEFORE_ANSWER: flag.default(true),
  ...backendShape,
  ...kernelShape,
  /** Served where a request names none; `global` is the newest promotion of all identifiers. */
  IDENTIFIER: z.string().default('global'),
};
export type ServingSettings = z.infer<z.ZodObject<typeof servingShape>>;

/** Who may do what over HTTP; see handlers/access.ts. Closed where nothing is set: `npm start` opens reads and uploads. */
export const accessShape = {
  /** The Bearer token of what changes more than a forecast or an upload to `dataset` does; empty: nobody may. */
  ADMIN_TOKEN: z.string().trim().default(''),
  /** Forecasts, status, metrics and downloads without the token. */
  PUBLIC_READS: flag.default(false),
  /** Uploads to `dataset` without the token. */
  PUBLIC_UPLOADS: flag.default(false),
};
export type AccessSettings = z.infer<z.ZodObject<typeof accessShape>>;

/** How the Kafka client shows who it is; see messages/kafka-security.ts. */
export const kafkaShape = {
  /** TLS, with the certificates that Node trusts (NODE_EXTRA_CA_CERTS adds some). */
  KAFKA_SSL: flag.default(false),
  KAFKA_SASL_MECHANISM: z.enum(['', 'plain', 'scram-sha-256', 'scram-sha-512', 'aws-iam']).default(''),
  KAFKA_USERNAME: z.string().default(''),
  KAFKA_PASSWORD: z.string().default(''),
};
export type KafkaSettings = z.infer<z.ZodObject<typeof kafkaShape>>;

/** With the longest of the five names it makes the 63 characters that S3 allows. */
const bucketPrefix = z
  .string()
  .regex(/^$|^[a-z\d][a-z\d-]{0,47}$/u, 'expected up to 48 lower-case letters, digits and hyphens')
  .default('');

export const bucketShape = {
  /** What the names of the five buckets begin with; see storage/prefixed-storage.ts. */
  BUCKET_PREFIX: bucketPrefix,
};

/** Where the services are; read by services.ts alone. AWS credentials and AWS_ENDPOINT_URL_S3 are the SDK's own matter. */
export const serviceShape = {
  KAFKA_BOOTSTRAP_SERVERS: list.pipe(z.array(z.string()).min(1)),
  MLFLOW_TRACKING_URI: z.url(),
  ...bucketShape,
  ...kafkaShape,
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
};

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads and validates the variables that `shape` names. An empty string counts as not set.
 * @throws FltsError setting_invalid, naming the variable, the value and what is allowed
 */
export function readSettings<Shape extends z.ZodRawShape>(
  shape: Shape,
  environment: Environment,
): z.infer<z.ZodObject<Shape>> {
  return parseSettings(z.object(shape), present(shape, environment), 'environment variable');
}

/**
 * Values in force: defaults < `config` (a dataset's config.json) < environment.
 * @throws FltsError setting_invalid, also for an unknown key of `config`
 */
export function settingsInForce(
  config: Readonly<Record<string, unknown>>,
  environment: Environment,
  place: string,
): z.infer<typeof datasetSettings> {
  parseSettings(datasetSettings, config, place);
  return parseSettings(
    datasetSettings,
    { ...config, ...present(datasetSettings.shape, environment) },
    `${place} or environment variable`,
  );
}

function present(shape: z.ZodRawShape, environment: Environment): Record<string, string> {
  const entries = Object.keys(shape).flatMap((name) => {
    const value = environment[name];
    return value === undefined || value === '' ? [] : [[name, value] as const];
  });
  return Object.fromEntries(entries);
}

function parseSettings<Schema extends z.ZodType>(
  schema: Schema,
  values: Record<string, unknown>,
  place: string,
): z.infer<Schema> {
  const parsed = schema.safeParse(values);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => {
    if (issue.code === 'unrecognized_keys')
      return `${place}: unknown setting ${issue.keys.join(', ')}; known are ${Object.keys(datasetSettings.shape).join(', ')}`;
    const name = String(issue.path[0] ?? '');
    return `${place} ${name}: ${expectation(issue.message)}, got ${JSON.stringify(values[name]) ?? 'none'}`;
  });
  throw new FltsError('setting_invalid', problems.join('; '), { status: 400 });
}

/** zod's message without its class of error and what came, which stands behind it as it was written. */
function expectation(message: string): string {
  return message.replace(/^(?:Invalid input|Invalid option): /u, '').replace(/, received .+$/u, '');
}
