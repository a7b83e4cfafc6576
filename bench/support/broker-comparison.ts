import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../../test/support/free-ports.ts';
import { installKafka, startKafka } from '../../test/services/kafka.ts';
import { consumeTime, createClient, createTopic, produceTime } from './broker-load.ts';
import { interleave, type Side } from './interleave.ts';

const RECORDS = 200_000;
const ROUNDS = 4;

/** Seconds of one kafkajs client that produces, and that consumes, on our broker and on Apache Kafka in turns. */
export async function compareBrokers(ours: string): Promise<void> {
  const jars = await installKafka().catch((cause: Error) => {
    console.error(`ours alone: ${cause.message}`);
  });
  if (jars === undefined) return measureAlone(ours);
  const folder = await mkdtemp(join(tmpdir(), 'flts-bench-kafka-'));
  const [port = 0, controller = 0] = await freePorts(2);
  const kafka = await startKafka({ jars, folder, ports: [port, controller] });
  try {
    const own = sides('flts', ours);
    const other = sides('apache-kafka', `127.0.0.1:${port}`);
    for (const task of ['produce', 'consume'] as const) {
      await interleave({
        name: nameOf(task),
        unit: 's',
        ours: own[task],
        theirs: other[task],
        rounds: ROUNDS,
      });
    }
  } finally {
    await kafka.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

function nameOf(task: string): string {
  return `${task} ${RECORDS} records of 100 bytes`;
}

/** Consuming reads the topic that was produced last. */
function sides(name: string, bootstrapServers: string): { produce: Side; consume: Side } {
  const kafka = createClient(bootstrapServers);
  let topic = '';
  return {
    produce: {
      name,
      measure: async () => {
        topic = await createTopic(kafka);
        return produceTime(kafka, topic, RECORDS);
      },
    },
    consume: { name, measure: () => consumeTime(kafka, topic, RECORDS) },
  };
}

async function measureAlone(bootstrapServers: string): Promise<void> {
  const own = sides('flts', bootstrapServers);
  for (const task of ['produce', 'consume'] as const) {
    const times: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) times.push(await own[task].measure());
    console.log(JSON.stringify({ name: nameOf(task), ours: Math.min(...times), unit: 's' }));
  }
}
