import { startBroker } from '@flts/kafka';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface BrokerTarget {
  readonly bootstrapServers: string;
  close(): Promise<void>;
}

/** What other clients are tried on: what one says to Apache Kafka, it must be able to say to ours. */
export const BROKERS = ['our broker', 'Apache Kafka'] as const;

export async function startTarget(name: (typeof BROKERS)[number]): Promise<BrokerTarget> {
  if (name === 'Apache Kafka') {
    const bootstrapServers = process.env['KAFKA_BOOTSTRAP_SERVERS'] ?? '';
    return { bootstrapServers, close: () => Promise.resolve() };
  }
  const directory = await mkdtemp(join(tmpdir(), 'flts-clients-'));
  const broker = await startBroker({ directory, port: 0 });
  return {
    bootstrapServers: broker.bootstrapServers,
    close: async () => {
      await broker.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

export function uniqueName(prefix: string): string {
  return `${prefix}-${randomUUID().slice(0, 8)}`;
}
