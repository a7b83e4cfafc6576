// What the conformance suite runs against: the stand-in, or the real broker that KAFKA_BOOTSTRAP_SERVERS names. Its
// topics and groups have names of their own.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBroker } from '../broker.ts';

export interface BrokerTarget {
  readonly bootstrapServers: string;
  close(): Promise<void>;
}

export async function startTarget(): Promise<BrokerTarget> {
  const real = process.env['KAFKA_BOOTSTRAP_SERVERS'] ?? '';
  return real === '' ? startOwn() : { bootstrapServers: real, close: () => Promise.resolve() };
}

/** The stand-in, on data of its own. */
export async function startOwn(): Promise<BrokerTarget> {
  const directory = await mkdtemp(join(tmpdir(), 'flts-kafka-'));
  const broker = await startBroker({ directory, port: 0, cleanupMs: 100 });
  return {
    bootstrapServers: broker.bootstrapServers,
    close: async () => {
      await broker.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
