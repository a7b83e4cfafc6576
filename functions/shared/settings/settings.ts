// The table of settings, and the one place where they are read. A setting is a row of one of the files beside this one; what
// validates it, what a claim carries, the hash, the `environment` of serverless.yml and docs/settings.md follow from the row.
import { z } from 'zod';
import { FltsError } from '../errors.ts';
import { DATA_SETTINGS } from './data.ts';
import { names, setting, shapeOf, flag, where, type Setting } from './setting.ts';
import { ACCESS_SETTINGS, KERNEL_SETTINGS, SERVING_SETTINGS } from './serving.ts';
import { BACKEND_SETTINGS, EVALUATE_SETTINGS, TRAIN_SETTINGS } from './training.ts';

/** Of preprocess alone, without a say in what the data becomes. */
const CONTROL_SETTINGS = {
  FORCE_REPROCESS: setting({ schema: flag.default(false), says: 'Processes again what is there already.' }),
  CONFIG_PATH: setting({
    schema: z.string().default(''),
    says: 'A settings file for data sets without an own `<id>.config.json`: a local path or s3://bucket/key.',
  }),
};

/** How the Kafka client shows who it is; see messages/kafka-security.ts. */
const KAFKA_SETTINGS = {
  KAFKA_SSL: setting({
    schema: flag.default(false),
    says: 'TLS, with the certificates that Node trusts (`NODE_EXTRA_CA_CERTS` adds some).',
  }),
  KAFKA_SASL_MECHANISM: setting({
    schema: z.enum(['', 'plain', 'scram-sha-256', 'scram-sha-512', 'aws-iam']).default(''),
    says: 'How functions show brokers who they are; empty: they do not.',
  }),
  KAFKA_USERNAME: setting({
    schema: z.string().default(''),
    says: 'Of SASL.',
    when: where('KAFKA_SASL_MECHANISM', 'plain', 'scram-sha-256', 'scram-sha-512'),
  }),
  KAFKA_PASSWORD: setting({
    schema: z.string().default(''),
    says: 'Of SASL.',
    when: where('KAFKA_SASL_MECHANISM', 'plain', 'scram-sha-256', 'scram-sha-512'),
  }),
};

/** With the longest of the five names it makes the 63 characters that S3 allows. */
const BUCKET_SETTINGS = {
  BUCKET_PREFIX: setting({
    schema: z
      .string()
      .regex(/^$|^[a-z\d][a-z\d-]{0,47}$/u, 'expected up to 48 lower-case letters, digits and hyphens')
      .default(''),
    says: 'What the names of the five buckets begin with; see storage/prefixed-storage.ts.',
  }),
};

/** Where the services are. AWS credentials and AWS_ENDPOINT_URL_S3 are the SDK's own matter. */
const SERVICE_SETTINGS = {
  KAFKA_BOOTSTRAP_SERVERS: setting({
    schema: names.pipe(z.array(z.string()).min(1)),
    says: 'Brokers, host:port each; one that is set is used, and no stand-in is started.',
  }),
  MLFLOW_TRACKING_URI: setting({
    schema: z.url(),
    says: 'URL of MLflow; one that is set is used, and no stand-in is started.',
  }),
  ...BUCKET_SETTINGS,
  ...KAFKA_SETTINGS,
  LOG_LEVEL: setting({
    schema: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
    says: 'The least severe log lines that are written.',
  }),
};

/** Every group of the table: who reads it, and whether a data set's `<id>.config.json` may set it. */
export const SETTING_GROUPS = {
  services: { rows: SERVICE_SETTINGS, readers: 'every function', ofDataset: false },
  data: { rows: DATA_SETTINGS, readers: 'preprocess', ofDataset: true },
  control: { rows: CONTROL_SETTINGS, readers: 'preprocess', ofDataset: false },
  training: {
    rows: { ...TRAIN_SETTINGS, ...EVALUATE_SETTINGS },
    readers: 'preprocess, which puts them into the claim; trainers, for claims published without',
    ofDataset: true,
  },
  kernels: {
    rows: { ...KERNEL_SETTINGS, ...BACKEND_SETTINGS },
    readers: 'trainers, evaluate, infer, predict',
    ofDataset: false,
  },
  serving: { rows: SERVING_SETTINGS, readers: 'infer, predict', ofDataset: false },
  access: { rows: ACCESS_SETTINGS, readers: 'predict, gateway', ofDataset: false },
} as const satisfies Readonly<Record<string, SettingGroup>>;

export interface SettingGroup {
  readonly rows: Readonly<Record<string, Setting>>;
  readonly readers: string;
  readonly ofDataset: boolean;
}
export type GroupName = keyof typeof SETTING_GROUPS;

export const preprocessShape = shapeOf(DATA_SETTINGS);
export const preprocessControlShape = shapeOf(CONTROL_SETTINGS);
export const trainShape = shapeOf(TRAIN_SETTINGS);
export const evaluateShape = shapeOf(EVALUATE_SETTINGS);
export const backendShape = shapeOf(BACKEND_SETTINGS);
export const kernelShape = shapeOf(KERNEL_SETTINGS);
export const servingShape = shapeOf(SERVING_SETTINGS);
export const accessShape = shapeOf(ACCESS_SETTINGS);
export const kafkaShape = shapeOf(KAFKA_SETTINGS);
export const bucketShape = shapeOf(BUCKET_SETTINGS);
export const serviceShape = shapeOf(SERVICE_SETTINGS);

export const preprocessSettings = z.object(preprocessShape);
/** What a claim carries for the stages after preprocess. */
export const claimSettings = z.object({ ...trainShape, ...evaluateShape });
/** A dataset's `<id>.config.json`: any preprocess, train or evaluate value; unknown keys are refused. */
export const datasetSettings = z.strictObject({ ...preprocessShape, ...trainShape, ...evaluateShape });

export type PreprocessSettings = z.infer<typeof preprocessSettings>;
export type ClaimSettings = z.infer<typeof claimSettings>;
export type ServingSettings = z.infer<z.ZodObject<typeof servingShape>>;
export type KafkaSettings = z.infer<z.ZodObject<typeof kafkaShape>>;
export type AccessSettings = z.infer<z.ZodObject<typeof accessShape>>;
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
