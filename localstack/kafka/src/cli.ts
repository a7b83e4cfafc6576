#!/usr/bin/env node
// flts-kafka: the broker from a command line.
import { parseArgs } from 'node:util';
import { startBroker, type BrokerOptions } from './broker.ts';
import { BrokerError } from './errors.ts';

const USAGE = `Usage: flts-kafka [options]
  --port <n>         default 9092; 0: any free port
  --host <address>   default 127.0.0.1; clients are told this address
  --dir <path>       where records are kept, default ./.flts/kafka
  --partitions <n>   of a topic made without saying, default 1
  --cleanup-ms <n>   how often old records are deleted and topics compacted, default 30000
  --help`;

/** Undefined where help was asked for. @throws BrokerError BAD_OPTION */
function parseOptions(): BrokerOptions | undefined {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '9092' },
      host: { type: 'string', default: '127.0.0.1' },
      dir: { type: 'string', default: '.flts/kafka' },
      partitions: { type: 'string', default: '1' },
      'cleanup-ms': { type: 'string', default: '30000' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  return {
    directory: values.dir,
    host: values.host,
    port: wholeNumber('--port', values.port),
    defaultPartitions: wholeNumber('--partitions', values.partitions),
    cleanupMs: wholeNumber('--cleanup-ms', values['cleanup-ms']),
    log: (event) => console.error(JSON.stringify(event)),
  };
}

function wholeNumber(option: string, text: string): number {
  if (/^\d+$/u.test(text)) return Number(text);
  throw new BrokerError('BAD_OPTION', `${option}: expected a whole number, got ${JSON.stringify(text)}`);
}

async function main(): Promise<void> {
  const options = parseOptions();
  if (options === undefined) {
    console.log(USAGE);
    return;
  }
  const broker = await startBroker(options);
  console.log(`flts-kafka ready at ${broker.bootstrapServers}, logs in ${options.directory}`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void broker.close().then(() => process.exit(0)));
}

main().catch((cause: unknown) => {
  if (cause instanceof BrokerError) console.error(`${cause.code}: ${cause.message}`);
  else console.error(cause instanceof Error ? cause.message : cause);
  process.exitCode = 1;
});
