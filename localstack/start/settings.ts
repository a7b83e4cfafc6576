import { hostNames } from '../http/foreign.ts';
import { resolve } from 'node:path';

export interface StartSettings {
  readonly demo: boolean;
  /** Exit once the demo's forecast is served. */
  readonly once: boolean;
  /** Whether the admin token is made anew. */
  readonly rotateToken: boolean;
  readonly home: string;
  readonly ports: {
    readonly http: number;
    readonly kafka: number;
    readonly s3: number;
    readonly mlflow: number;
  };
  /** Names by which clients reach the servers beside the loopback ones. */
  readonly allowedHosts: readonly string[];
  /** What the names of the buckets begin with. */
  readonly bucketPrefix: string;
  /** Services that run already; their stand-ins are not started. */
  readonly external: {
    readonly kafka: string | undefined;
    readonly s3: string | undefined;
    readonly mlflow: string | undefined;
  };
}

export class StartError extends Error {
  readonly code: string;

  constructor(code: string, message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = 'StartError';
    this.code = code;
  }
}

const FLAGS = ['--once', '--no-demo', '--rotate-token'];

/** @throws StartError naming the argument or variable, its value and what is allowed */
export function startSettings(args: readonly string[], environment: NodeJS.ProcessEnv): StartSettings {
  const unknown = args.find((argument) => !FLAGS.includes(argument));
  if (unknown !== undefined)
    throw new StartError('ARGUMENT_UNKNOWN', `expected one of ${FLAGS.join(', ')}, got ${unknown}`);
  return {
    demo: !args.includes('--no-demo'),
    once: args.includes('--once'),
    rotateToken: args.includes('--rotate-token'),
    home: resolve(environment['FLTS_HOME'] || '.flts'),
    ports: {
      http: port(environment, 'HTTP_PORT', 3000),
      kafka: port(environment, 'KAFKA_PORT', 9092),
      s3: port(environment, 'S3_PORT', 9000),
      mlflow: port(environment, 'MLFLOW_PORT', 5000),
    },
    allowedHosts: hostNames(environment['ALLOWED_HOSTS']),
    bucketPrefix: environment['BUCKET_PREFIX'] ?? '',
    external: {
      kafka: environment['KAFKA_BOOTSTRAP_SERVERS'] || undefined,
      s3: environment['AWS_ENDPOINT_URL_S3'] || undefined,
      mlflow: environment['MLFLOW_TRACKING_URI'] || undefined,
    },
  };
}

function port(environment: NodeJS.ProcessEnv, name: string, standard: number): number {
  const text = environment[name];
  if (text === undefined || text === '') return standard;
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= 65_535) return value;
  throw new StartError(
    'PORT_INVALID',
    `${name}: expected a port from 1 to 65535, got ${JSON.stringify(text)}`,
  );
}
