import { Kafka, logLevel } from 'kafkajs';

export interface TappedRecord {
  readonly key: string | null;
  readonly value: string;
  readonly json: Record<string, unknown>;
  readonly headers: Readonly<Record<string, string>>;
  readonly partition: number;
  readonly offset: string;
}

export interface TopicTap {
  /** Everything read so far, from the topic's beginning. */
  readonly records: readonly TappedRecord[];
  /** Resolves with the first record (past or to come) that fits. */
  next(fits: (record: TappedRecord) => boolean): Promise<TappedRecord>;
  close(): Promise<void>;
}

let taps = 0;

/** Reads a topic from its beginning, beside its own consumers: how tests wait for what the pipeline does. */
export async function tapTopic(brokers: string, topic: string): Promise<TopicTap> {
  taps += 1;
  const kafka = new Kafka({ clientId: 'tap', brokers: [brokers], logLevel: logLevel.NOTHING });
  const consumer = kafka.consumer({ groupId: `tap-${process.pid}-${taps}`, maxWaitTimeInMs: 100 });
  const records: TappedRecord[] = [];
  const waiting: { fits: (record: TappedRecord) => boolean; resolve: (record: TappedRecord) => void }[] = [];
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    eachMessage: async ({ message, partition }) => {
      const value = message.value?.toString() ?? '';
      const headers = Object.fromEntries(
        Object.entries(message.headers ?? {}).map(([name, bytes]) => [name, String(bytes)]),
      );
      const record = {
        key: message.key?.toString() ?? null,
        value,
        json: parsed(value),
        headers,
        partition,
        offset: message.offset,
      };
      records.push(record);
      for (const each of waiting) if (each.fits(record)) each.resolve(record);
    },
  });
  return {
    records,
    next: (fits) => {
      const past = records.find(fits);
      return past === undefined
        ? new Promise((resolve) => waiting.push({ fits, resolve }))
        : Promise.resolve(past);
    },
    close: () => consumer.disconnect(),
  };
}

function parsed(value: string): Record<string, unknown> {
  try {
    return Object(JSON.parse(value));
  } catch {
    return {};
  }
}
