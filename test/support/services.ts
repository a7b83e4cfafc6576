// Which services the pipeline's tests run on: stand-ins of their own, or those that the environment names.
import { DEFAULT_CREDENTIALS } from '@flts/s3';
import {
  CreateBucketCommand,
  DeleteObjectsCommand,
  ListObjectsV2Command,
  S3Client,
} from '@aws-sdk/client-s3';
import { Kafka, logLevel, type Admin } from 'kafkajs';

const SWITCH = 'TEST_ON_SERVICES';
const VARIABLES = ['KAFKA_BOOTSTRAP_SERVERS', 'AWS_ENDPOINT_URL_S3', 'MLFLOW_TRACKING_URI'] as const;
export const BUCKETS = ['dataset', 'processed-data', 'mlflow', 'model-promotion', 'inference-logs'];

export interface RealServices {
  readonly kafka: string;
  readonly s3: string;
  readonly mlflow: string;
}

/**
 * The real services, where TEST_ON_SERVICES=1: the tests empty them, so it takes more than their addresses, which
 * somebody may have set for another purpose. undefined: stand-ins.
 */
export function realServices(environment: NodeJS.ProcessEnv = process.env): RealServices | undefined {
  if (environment[SWITCH] !== '1') return undefined;
  const [kafka = '', s3 = '', mlflow = ''] = VARIABLES.map((name) => environment[name]);
  if ([kafka, s3, mlflow].includes(''))
    throw new Error(`${SWITCH}: expected ${VARIABLES.join(', ')} beside it, got one empty`);
  return { kafka, s3, mlflow };
}

/** For a child process on stand-ins: no service is named. */
export function noServices(): Record<string, string> {
  return Object.fromEntries(VARIABLES.map((name) => [name, '']));
}

export function s3Client(endpoint: string): S3Client {
  return new S3Client({
    endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: DEFAULT_CREDENTIALS,
  });
}

/** Nothing of an earlier test is left: no record, no object, no experiment. */
export async function emptyServices({ kafka, s3, mlflow }: RealServices): Promise<void> {
  await Promise.all([emptyTopics(kafka), emptyBuckets(s3), removeExperiments(mlflow)]);
}

/** Records go and topics stay: a topic that is deleted goes some time later, when its namesake may be there. */
async function emptyTopics(bootstrapServers: string): Promise<void> {
  const brokers = bootstrapServers.split(',');
  const admin = new Kafka({ clientId: 'empty', brokers, logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  try {
    const topics = (await admin.listTopics()).filter((topic) => !topic.startsWith('__'));
    await Promise.all(topics.map((topic) => emptyTopic(admin, topic)));
  } finally {
    await admin.disconnect();
  }
}

async function emptyTopic(admin: Admin, topic: string): Promise<void> {
  const offsets = await admin.fetchTopicOffsets(topic);
  const partitions = offsets
    .filter(({ low, high }) => low !== high)
    .map(({ partition, high }) => ({ partition, offset: high }));
  if (partitions.length > 0) await admin.deleteTopicRecords({ topic, partitions });
}

async function emptyBuckets(endpoint: string): Promise<void> {
  const client = s3Client(endpoint);
  for (const bucket of BUCKETS) await emptyBucket(client, bucket);
  client.destroy();
}

async function emptyBucket(client: S3Client, Bucket: string): Promise<void> {
  const made = await client.send(new CreateBucketCommand({ Bucket })).then(
    () => true,
    (cause: Error) => {
      if (cause.name !== 'BucketAlreadyOwnedByYou') throw cause;
      return false;
    },
  );
  for (let more = !made; more;) {
    const { Contents = [], IsTruncated = false } = await client.send(new ListObjectsV2Command({ Bucket }));
    const Objects = Contents.map(({ Key }) => ({ Key }));
    if (Objects.length > 0) await client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
    more = IsTruncated;
  }
}

/** A deleted experiment keeps its name, so it gets another first. */
async function removeExperiments(uri: string): Promise<void> {
  const { experiments = [] } = await post(`${uri}/api/2.0/mlflow/experiments/search`, { max_results: 1000 });
  for (const { experiment_id, name } of experiments) {
    if (name === 'Default') continue;
    const new_name = `${name}-${experiment_id}-${Date.now()}`;
    await post(`${uri}/api/2.0/mlflow/experiments/update`, { experiment_id, new_name });
    await post(`${uri}/api/2.0/mlflow/experiments/delete`, { experiment_id });
  }
}

interface Experiments {
  readonly experiments?: readonly { readonly experiment_id: string; readonly name: string }[];
}

async function post(url: string, body: unknown): Promise<Experiments> {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${url}: expected 200, got ${answer.status} ${await answer.text()}`);
  return Object(await answer.json());
}
