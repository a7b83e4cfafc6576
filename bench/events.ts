import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compareBrokers } from './support/broker-comparison.ts';
import { createClient, createTopic, fillTopic } from './support/broker-load.ts';
import { runBroker } from './support/broker-process.ts';
import { measureLatency, percentile } from './support/event-latency.ts';
import { measureThroughput } from './support/event-throughput.ts';
import { startProcess } from './support/measuring-process.ts';
import { startOffline } from './support/offline-service.ts';

/**
 * `npm run bench:events`: from a produced record to the first line of its handler, through our broker, the mapping of
 * `sls offline` and a worker; records a second that way in batches of 1,000; and our broker beside Apache Kafka.
 */
const ROUNDS = 3;
const RECORDS = 200_000;

const self = fileURLToPath(import.meta.url);
const rounded = (value: number): number => Number(value.toPrecision(4));
const range = (values: readonly number[]): { min: number; max: number } => ({
  min: rounded(Math.min(...values)),
  max: rounded(Math.max(...values)),
});

/** Runs `measure` beside a broker of ours on a fresh folder. */
async function withBroker<T>(measure: (bootstrapServers: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'flts-bench-'));
  const broker = await startProcess(process.execPath, [self, 'broker', directory]);
  const address = broker?.environment['bootstrapServers'];
  if (address === undefined) throw new Error('expected our broker to start');
  try {
    return await measure(address);
  } finally {
    broker?.close();
    await rm(directory, { recursive: true, force: true });
  }
}

async function benchLatency(): Promise<void> {
  const rounds = await withBroker(async (address) => {
    const kafka = createClient(address);
    for (const topic of ['prompt', 'bulk']) await createTopic(kafka, topic);
    const offline = await startOffline(address);
    try {
      await measureLatency(kafka, offline, 100);
      const measured: number[][] = [];
      for (let round = 0; round < ROUNDS; round += 1) measured.push(await measureLatency(kafka, offline));
      return measured;
    } finally {
      await offline.close();
    }
  });
  for (const [label, share] of [
    ['p50', 0.5],
    ['p99', 0.99],
  ] as const) {
    const name = `produce to handler at 100 records/s, ${label}`;
    console.log(
      JSON.stringify({ name, ...range(rounds.map((sorted) => percentile(sorted, share))), unit: 'ms' }),
    );
  }
}

async function throughputOnce(): Promise<number> {
  return withBroker(async (address) => {
    const kafka = createClient(address);
    for (const topic of ['prompt', 'bulk']) await createTopic(kafka, topic);
    await fillTopic(kafka, 'bulk', RECORDS);
    const offline = await startOffline(address);
    try {
      return await measureThroughput(offline, RECORDS);
    } finally {
      await offline.close();
    }
  });
}

async function benchThroughput(): Promise<void> {
  const rates: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) rates.push(await throughputOnce());
  const name = `${RECORDS} records of 100 bytes to the handler in batches of 1000`;
  console.log(JSON.stringify({ name, ...range(rates), unit: 'records/s' }));
}

const [, , mode, directory = ''] = process.argv;
if (mode === 'broker') await runBroker(directory);
else {
  await benchLatency();
  await benchThroughput();
  await withBroker(compareBrokers);
}
