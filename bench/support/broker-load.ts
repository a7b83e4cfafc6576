import { Kafka, logLevel, Partitioners, type EachBatchHandler } from 'kafkajs';
import { randomUUID } from 'node:crypto';

const BATCH = 1000;
const VALUE_BYTES = 100;

export function createClient(bootstrapServers: string): Kafka {
  return new Kafka({ clientId: 'bench', brokers: [bootstrapServers], logLevel: logLevel.NOTHING });
}

/** Sends records of 100 bytes by the thousand, each answered before the next. */
export async function fillTopic(kafka: Kafka, topic: string, records: number): Promise<void> {
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  const messages = Array.from({ length: BATCH }, () => ({ value: 'x'.repeat(VALUE_BYTES), partition: 0 }));
  for (let sent = 0; sent < records; sent += BATCH) await producer.send({ topic, messages });
  await producer.disconnect();
}

/** Makes a topic of one partition and says its name. */
export async function createTopic(kafka: Kafka, topic: string = `bench-${randomUUID()}`): Promise<string> {
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic, numPartitions: 1 }], waitForLeaders: true });
  await admin.disconnect();
  return topic;
}

/** Seconds to produce so many records to a new topic, connecting included. */
export async function produceTime(kafka: Kafka, topic: string, records: number): Promise<number> {
  const started = performance.now();
  await fillTopic(kafka, topic, records);
  return (performance.now() - started) / 1000;
}

/** Seconds from a new group's first fetch to its last record; joining is not counted. */
export async function consumeTime(kafka: Kafka, topic: string, records: number): Promise<number> {
  const consumer = kafka.consumer({ groupId: `bench-${randomUUID()}` });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  const seconds = await new Promise<number>((resolve, reject) => {
    let [seen, started] = [0, 0];
    consumer.on(consumer.events.FETCH_START, () => (started ||= performance.now()));
    const eachBatch: EachBatchHandler = ({ batch }) => {
      seen += batch.messages.length;
      if (seen >= records) resolve((performance.now() - started) / 1000);
      return Promise.resolve();
    };
    consumer.run({ eachBatch }).catch(reject);
  });
  await consumer.disconnect();
  return seconds;
}
