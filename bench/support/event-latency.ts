import { Partitioners, type Kafka } from 'kafkajs';
import { z } from 'zod';
import type { OfflineService } from './offline-service.ts';

const RECORDS = 500;
const INTERVAL_MS = 10;
const latencies = z.array(z.number());

/** Milliseconds from the call of `send` to the handler's first line, of records at 100 a second, in order of size. */
export async function measureLatency(
  kafka: Kafka,
  offline: OfflineService,
  records = RECORDS,
): Promise<number[]> {
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  const send = (value: string): Promise<unknown> => producer.send({ topic: 'prompt', messages: [{ value }] });
  const told = offline.next('LATENCIES');
  const start = performance.now();
  const sent: Promise<unknown>[] = [];
  for (let index = 0; index < records; index += 1) {
    await until(start + index * INTERVAL_MS);
    sent.push(send(String(process.hrtime.bigint())));
  }
  await Promise.all(sent);
  await send('');
  await producer.disconnect();
  return latencies.parse(await told).toSorted((a, b) => a - b);
}

async function until(time: number): Promise<void> {
  const left = time - performance.now();
  if (left > 0) await new Promise((resolve) => setTimeout(resolve, left));
}

/** The value below which that share of them lies (nearest rank). */
export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.ceil(share * sorted.length) - 1] ?? NaN;
}
