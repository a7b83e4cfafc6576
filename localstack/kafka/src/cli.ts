#!/usr/bin/env node
import { parseArgs } from 'node:util';
import { startBroker } from './broker.ts';
import { BrokerError } from './errors.ts';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '9092' },
    host: { type: 'string', default: '127.0.0.1' },
    dir: { type: 'string', default: '.flts/kafka' },
    partitions: { type: 'string', default: '1' },
  },
});

try {
  const broker = await startBroker({
    directory: values.dir,
    host: values.host,
    port: Number(values.port),
    defaultPartitions: Number(values.partitions),
    log: (event) => console.error(JSON.stringify(event)),
  });
  console.log(`flts-kafka ready at ${broker.bootstrapServers}, logs in ${values.dir}`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void broker.close().then(() => process.exit(0)));
} catch (cause) {
  console.error(cause instanceof BrokerError ? `${cause.code}: ${cause.message}` : cause);
  process.exitCode = 1;
}
