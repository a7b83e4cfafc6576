#!/usr/bin/env node
// flts-mlflow: the server from a command line.
import { parseArgs } from 'node:util';
import { hostNames } from '../../http/foreign.ts';
import { MlflowServerError } from './errors.ts';
import { startMlflow, type MlflowOptions } from './server.ts';

const USAGE = `Usage: flts-mlflow [options]
  --port <n>            default 5000; 0: any free port
  --host <address>      default 127.0.0.1
  --allowed-hosts <n,…> names by which clients reach it, beside loopback ones
  --dir <path>          where runs are kept, default ./.flts/mlflow
  --s3-endpoint <url>   where artifacts go; default AWS_ENDPOINT_URL_S3, else http://127.0.0.1:9000
  --bucket <name>       default mlflow
  --help
Credentials come the AWS SDK's own way: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile, and so on.`;

/** Undefined where help was asked for. @throws MlflowServerError BAD_OPTION */
function parseOptions(): MlflowOptions | undefined {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '5000' },
      host: { type: 'string', default: '127.0.0.1' },
      'allowed-hosts': { type: 'string' },
      dir: { type: 'string', default: '.flts/mlflow' },
      's3-endpoint': {
        type: 'string',
        default: process.env['AWS_ENDPOINT_URL_S3'] ?? 'http://127.0.0.1:9000',
      },
      bucket: { type: 'string', default: 'mlflow' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  if (!/^\d+$/u.test(values.port))
    throw new MlflowServerError(
      'BAD_OPTION',
      `--port: expected 0 to 65535, got ${JSON.stringify(values.port)}`,
    );
  return {
    directory: values.dir,
    host: values.host,
    allowedHosts: hostNames(values['allowed-hosts']),
    port: Number(values.port),
    s3: { endpoint: values['s3-endpoint'], bucket: values.bucket },
    log: (event) => console.error(JSON.stringify(event)),
  };
}

async function main(): Promise<void> {
  const options = parseOptions();
  if (options === undefined) {
    console.log(USAGE);
    return;
  }
  const server = await startMlflow(options);
  console.log(`flts-mlflow ready at ${server.uri}, runs in ${options.directory}`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void server.close().then(() => process.exit(0)));
}

main().catch((cause: unknown) => {
  if (cause instanceof MlflowServerError) console.error(`${cause.code}: ${cause.message}`);
  else console.error(cause instanceof Error ? cause.message : cause);
  process.exitCode = 1;
});
