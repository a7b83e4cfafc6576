#!/usr/bin/env node
import { parseArgs } from 'node:util';
import { MlflowServerError } from './errors.ts';
import { startMlflow } from './server.ts';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '5000' },
    host: { type: 'string', default: '127.0.0.1' },
    dir: { type: 'string', default: '.flts/mlflow' },
    's3-endpoint': { type: 'string', default: 'http://127.0.0.1:9000' },
    bucket: { type: 'string', default: 'mlflow' },
  },
});

try {
  const server = await startMlflow({
    directory: values.dir,
    host: values.host,
    port: Number(values.port),
    s3: { endpoint: values['s3-endpoint'], bucket: values.bucket },
    log: (event) => console.error(JSON.stringify(event)),
  });
  console.log(`flts-mlflow ready at ${server.uri}, runs in ${values.dir}`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void server.close().then(() => process.exit(0)));
} catch (cause) {
  console.error(cause instanceof MlflowServerError ? `${cause.code}: ${cause.message}` : cause);
  process.exitCode = 1;
}
