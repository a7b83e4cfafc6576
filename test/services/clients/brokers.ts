import { randomUUID } from 'node:crypto';
import { startOwn, type BrokerTarget } from '../../../localstack/kafka/src/testing/target.ts';

export type { BrokerTarget };

/** What other clients are tried on: what one says to Apache Kafka, it must be able to say to ours. */
export const BROKERS = ['our broker', 'Apache Kafka'] as const;

export async function startTarget(name: (typeof BROKERS)[number]): Promise<BrokerTarget> {
  if (name === 'our broker') return startOwn();
  const bootstrapServers = process.env['KAFKA_BOOTSTRAP_SERVERS'] ?? '';
  return { bootstrapServers, close: () => Promise.resolve() };
}

export function uniqueName(prefix: string): string {
  return `${prefix}-${randomUUID().slice(0, 8)}`;
}
