// Apache Kafka, one node that is broker and controller, from its own jars.
import { Kafka, logLevel } from 'kafkajs';
import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { install, installed } from './install.ts';
import { launch, type ServiceProcess } from './service-process.ts';

const VERSION = '4.1.0';
const POM = join('test', 'services', 'kafka', 'pom.xml');
const JAVA = ['java', '-Xmx512m', '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn', '-cp'];

/** The folder of the jars: the broker's and those of the console tools. */
export function installKafka(): Promise<string> {
  return installed(`kafka-${VERSION}`, async (folder) => {
    const goal = ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${folder}`];
    await install('kafka', ['java', '-version']);
    await install('kafka', ['mvn', '-q', '-B', '-f', POM, ...goal]);
  });
}

export interface KafkaStart {
  readonly jars: string;
  readonly folder: string;
  readonly ports: readonly [broker: number, controller: number];
}

export async function startKafka({
  jars,
  folder,
  ports: [port, controller],
}: KafkaStart): Promise<ServiceProcess> {
  await mkdir(folder, { recursive: true });
  const properties = join(folder, 'server.properties');
  await writeFile(properties, serverProperties(folder, port, controller));
  const java = [...JAVA, join(jars, '*')];
  const format = ['kafka.tools.StorageTool', 'format', '-t', clusterId(randomBytes(16)), '-c', properties];
  await install('kafka', [...java, ...format]);
  return launch({
    name: 'kafka',
    folder,
    command: [...java, 'kafka.Kafka', properties],
    ready: () => hasBroker(`127.0.0.1:${port}`),
  });
}

/** Of 16 random bytes. It begins with no `-`, which Kafka's tool would take for an option's. */
export function clusterId(bytes: Buffer): string {
  const [first = 0, ...rest] = bytes;
  return Buffer.from([first & 0x7f, ...rest]).toString('base64url');
}

function serverProperties(folder: string, port: number, controller: number): string {
  const settings = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${controller}`,
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controller}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
    'controller.listener.names': 'CONTROLLER',
    'log.dirs': join(folder, 'data'),
    'offsets.topic.num.partitions': 1,
    'offsets.topic.replication.factor': 1,
    'transaction.state.log.num.partitions': 1,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'group.initial.rebalance.delay.ms': 0,
    'log.cleaner.backoff.ms': 200,
  };
  return Object.entries(settings)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');
}

async function hasBroker(address: string): Promise<boolean> {
  const kafka = new Kafka({
    clientId: 'ready',
    brokers: [address],
    logLevel: logLevel.NOTHING,
    retry: { retries: 0 },
  });
  const admin = kafka.admin();
  try {
    await admin.connect();
    const { brokers } = await admin.describeCluster();
    // The first question for a group makes the topic of the offsets, which takes a while.
    await admin.fetchOffsets({ groupId: 'ready', topics: [] });
    return brokers.length === 1;
  } finally {
    await admin.disconnect();
  }
}
