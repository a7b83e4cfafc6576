#!/usr/bin/env node
// flts-s3: the server from a command line.
import { parseArgs } from 'node:util';
import { hostNames } from '../../http/foreign.ts';
import { errnoOf, S3ServerError } from './errors.ts';
import type { LogEntry } from './log.ts';
import { kafkaTarget } from './notifications/kafka-target.ts';
import { type S3Options, startS3 } from './server.ts';

const USAGE = `Usage: flts-s3 [options]
  --port <n>                 default 9000; 0: any free port
  --host <address>           default 127.0.0.1
  --allowed-hosts <names>    by which clients reach it, beside loopback ones
  --dir <path>               where objects are kept, default ./.flts-s3
  --bucket <name>            make this bucket at start if missing; may be repeated
  --kafka-brokers <h:p,…>    send notifications to Kafka, as target arn:minio:sqs::flts:kafka
  --kafka-topic <topic>      with --kafka-brokers
  --help`;

async function main(): Promise<void> {
  const options = parseOptions();
  if (options === undefined) {
    console.log(USAGE);
    return;
  }
  const server = await startS3(options);
  console.log(`flts-s3 ready at ${server.endpoint}, objects in ${options.directory}`);
  const stop = (): void => {
    server.close().then(
      () => process.exit(0),
      (error: unknown) => fail(error),
    );
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
}

/** Undefined where help was asked for. @throws S3ServerError BAD_OPTION */
function parseOptions(): S3Options | undefined {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '9000' },
      host: { type: 'string', default: '127.0.0.1' },
      'allowed-hosts': { type: 'string' },
      dir: { type: 'string', default: './.flts-s3' },
      bucket: { type: 'string', multiple: true, default: [] },
      'kafka-brokers': { type: 'string' },
      'kafka-topic': { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const { host, dir: directory, bucket: buckets } = values;
  const targets = kafkaTargets(values['kafka-brokers'], values['kafka-topic']);
  const allowedHosts = hostNames(values['allowed-hosts']);
  return { host, allowedHosts, directory, buckets, targets, port: parsePort(values.port), log };
}

function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw new S3ServerError('BAD_OPTION', `--port: expected 0 to 65535, got ${JSON.stringify(text)}`);
}

function kafkaTargets(brokers: string | undefined, topic: string | undefined): S3Options['targets'] {
  if (brokers === undefined && topic === undefined) return [];
  if (brokers === undefined || topic === undefined) {
    throw new S3ServerError(
      'BAD_OPTION',
      'expected --kafka-brokers and --kafka-topic together, got one of them',
    );
  }
  return [kafkaTarget({ brokers: brokers.split(','), topic })];
}

function log({ level, code, message }: LogEntry): void {
  console.error(`${level} ${code} ${message}`);
}

function fail(error: unknown): void {
  const expected = error instanceof S3ServerError || errnoOf(error)?.startsWith('ERR_PARSE_ARGS') === true;
  console.error(expected && error instanceof Error ? `flts-s3: ${error.message}` : error);
  process.exit(1);
}

main().catch(fail);
