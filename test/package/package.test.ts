import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { mkdtemp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { unzipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mskEvent, startCrashWorld } from '../support/crash-world.ts';
import { processedClaim } from '../support/processed.ts';
import { ROOT } from '../support/running-stack.ts';
import { tapTopic } from '../support/topic-tap.ts';

interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
}

const CLUSTER = 'arn:aws:kafka:us-east-1:000000000000:cluster/flts/00000000-0000-0000-0000-000000000000-1';

/** Of a function and its layers together, unzipped. */
const LAMBDA_LIMIT_BYTES = 250_000_000;

describe('sls package, without credentials', () => {
  let folder: string;
  let resources: Readonly<Record<string, Resource>>;
  let functions: Readonly<Record<string, Uint8Array>>;
  let layer: Readonly<Record<string, Uint8Array>>;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'flts-package-'));
    await packageTo(folder);
    const template = await readFile(join(folder, 'cloudformation-template-update-stack.json'), 'utf8');
    ({ Resources: resources } = JSON.parse(template) as { Resources: Record<string, Resource> });
    functions = unzipSync(await readFile(join(folder, 'flts.zip')));
    layer = unzipSync(await readFile(join(folder, 'modelRuntime.zip')));
  }, 120_000);
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  const ofType = (type: string): [string, Resource['Properties']][] =>
    Object.entries(resources).flatMap(([id, { Type, Properties }]) =>
      Type === type ? [[id, Properties]] : [],
    );

  it('makes one package of all handlers and one layer, together below what Lambda takes', () => {
    const sizes = [functions, layer].map((files) =>
      Object.values(files).reduce((sum, { length }) => sum + length, 0),
    );
    expect(sizes[0]! + sizes[1]!).toBeLessThan(LAMBDA_LIMIT_BYTES);
    expect(Object.keys(functions).filter((name) => !/^(package\.json|dist\/functions\/)/.test(name))).toEqual(
      [],
    );
    expect(Object.keys(layer).filter((name) => !name.startsWith('nodejs/node_modules/'))).toEqual([]);
  });

  it('holds no source map and no link', async () => {
    expect(Object.keys({ ...functions, ...layer }).filter((name) => name.endsWith('.map'))).toEqual([]);
    expect(await linksIn(join(folder, 'flts.zip'))).toBe(0);
    expect(await linksIn(join(folder, 'modelRuntime.zip'))).toBe(0);
  });

  it('gives every function the layer', () => {
    const deployed = ofType('AWS::Lambda::Function').filter(([, { Handler }]) =>
      String(Handler).startsWith('dist/functions/'),
    );
    expect(deployed).toHaveLength(14);
    for (const [id, { Layers, Runtime }] of deployed)
      expect({ id, Layers, Runtime }).toEqual({
        id,
        Layers: [{ Ref: 'ModelRuntimeLambdaLayer' }],
        Runtime: 'nodejs22.x',
      });
  });

  it("carries each mapping's settings", () => {
    const mappings = Object.fromEntries(ofType('AWS::Lambda::EventSourceMapping'));
    expect(mappings['TrainDashgruEventSourceMappingMSKFltsTrainingdata']).toMatchObject({
      FunctionName: { 'Fn::GetAtt': ['TrainDashgruLambdaFunction', 'Arn'] },
      StartingPosition: 'TRIM_HORIZON',
      Topics: ['training-data'],
      BatchSize: 1,
      AmazonManagedKafkaEventSourceConfig: { ConsumerGroupId: 'train-gru' },
      ProvisionedPollerConfig: { MinimumPollers: 1, MaximumPollers: 4 },
      MaximumRetryAttempts: 40,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      DestinationConfig: { OnFailure: { Destination: 'kafka://DLQ-training-data' } },
    });
    expect(mappings['TrainDashtcnEventSourceMappingMSKFltsTrainingdata']).toMatchObject({
      AmazonManagedKafkaEventSourceConfig: { ConsumerGroupId: 'train-tcn' },
      FilterCriteria: {
        Filters: [
          { Pattern: '{"value":{"settings":{"EXPECTED_MODEL_TYPES":["TCN"]}}}' },
          { Pattern: '{"value":{"settings":{"EXPECTED_MODEL_TYPES":[{"exists":false}]}}}' },
        ],
      },
    });
    const groups = Object.values(mappings).map(({ AmazonManagedKafkaEventSourceConfig: source }) => source);
    expect(groups.length).toBeGreaterThan(10);
    expect(new Set(groups.map((group) => JSON.stringify(group))).size).toBe(groups.length);
  });

  it('lets the functions at these buckets and topics alone', () => {
    const [, role] = ofType('AWS::IAM::Role').find(([id]) => id === 'IamRoleLambdaExecution') ?? [];
    const statements = statementsOf(role);
    const resourcesOf = (action: string): string[] =>
      statements.flatMap(({ Action, Resource }) => (Action.includes(action) ? [Resource].flat() : []));
    const names = ['dataset', 'processed-data', 'mlflow', 'model-promotion', 'inference-logs'];
    expect(resourcesOf('s3:ListBucket')).toEqual(names.map((name) => `arn:aws:s3:::lab-${name}`));
    for (const action of ['s3:GetObject', 's3:PutObject', 's3:AbortMultipartUpload'])
      expect(resourcesOf(action)).toEqual(names.map((name) => `arn:aws:s3:::lab-${name}/*`));
    expect(resourcesOf('s3:DeleteObject')).toEqual(['arn:aws:s3:::lab-processed-data/*']);
    const topics = resourcesOf('kafka-cluster:WriteData');
    expect(topics).toHaveLength(11);
    expect(topics).toContain(`${CLUSTER.replace(':cluster/', ':topic/')}/DLQ-dataset`);
    expect(resourcesOf('kafka-cluster:Connect')).toEqual([CLUSTER]);
    const anything = statements.filter(({ Resource }) => [Resource].flat().includes('*'));
    // Network interfaces of functions in a VPC, which AWS cannot name beforehand.
    expect(new Set(anything.flatMap(({ Action }) => Action.map((action) => action.split(':')[0])))).toEqual(
      new Set(['ec2']),
    );
    expect(statements.flatMap(({ Action }) => Action).filter((action) => action.endsWith('*'))).toEqual([]);
  });

  it('takes uploads from the bucket with the prefix, and tells it to every function', () => {
    const deployed = ofType('AWS::Lambda::Function').filter(([, { Handler }]) =>
      String(Handler).startsWith('dist/functions/'),
    );
    for (const [, { Environment }] of deployed)
      expect(Environment).toMatchObject({ Variables: { BUCKET_PREFIX: 'lab-' } });
    expect(JSON.stringify(ofType('Custom::S3'))).toContain('"BucketName":"lab-dataset"');
  });

  it('puts every function into the VPC, and tells it how to show itself to Kafka', () => {
    const deployed = ofType('AWS::Lambda::Function').filter(([, { Handler }]) =>
      String(Handler).startsWith('dist/functions/'),
    );
    for (const [, { Environment, VpcConfig }] of deployed) {
      expect(VpcConfig).toEqual({ SubnetIds: ['subnet-1', 'subnet-2'], SecurityGroupIds: ['sg-1'] });
      expect(Environment).toMatchObject({ Variables: { KAFKA_SASL_MECHANISM: 'aws-iam' } });
    }
  });

  it('is closed to the public, tells the token to HTTP functions alone, and lets no origin read', () => {
    const environments = ofType('AWS::Lambda::Function').map(([id, { Environment }]) => [
      id,
      JSON.stringify(Environment ?? {}),
    ]);
    const told = environments.filter(([, environment]) => environment?.includes('ADMIN_TOKEN'));
    expect(new Set(told.map(([id]) => id))).toEqual(
      new Set(['GatewayLambdaFunction', 'PredictLambdaFunction']),
    );
    for (const [, environment] of told)
      expect(environment).toContain('"ADMIN_TOKEN":"","PUBLIC_READS":"","PUBLIC_UPLOADS":""');
    const methods = ofType('AWS::ApiGateway::Method').map(([, { HttpMethod }]) => HttpMethod);
    expect(methods).not.toContain('OPTIONS');
    const answers = ofType('AWS::ApiGateway::GatewayResponse');
    expect(answers.map(([, { ResponseType }]) => ResponseType)).toEqual([
      'MISSING_AUTHENTICATION_TOKEN',
      'REQUEST_TOO_LARGE',
      'DEFAULT_4XX',
      'DEFAULT_5XX',
    ]);
    expect(JSON.stringify(answers)).not.toMatch(/access-control/iu);
  });

  it('runs from a bare folder: an upload is preprocessed, and a GRU and a Prophet are trained', async () => {
    const [code, opt] = [join(folder, 'task'), join(folder, 'opt')];
    await Promise.all([unpack(functions, code), unpack(layer, opt)]);
    const world = await startCrashWorld(code);
    const outcomes = await tapTopic(world.kafka, 'model-training');
    try {
      const environment = { NODE_PATH: join(opt, 'nodejs/node_modules') };
      const claim = await processedClaim(world, 'packaged', environment);
      for (const MODEL_TYPE of ['GRU', 'PROPHET']) {
        const event = mskEvent('training-data', claim);
        const trained = await world.deliver('train', event, { environment: { ...environment, MODEL_TYPE } });
        expect(trained.result, trained.log).toEqual({ batchItemFailures: [] });
        await outcomes.next(({ json }) => json['model_type'] === MODEL_TYPE && json['status'] === 'SUCCESS');
      }
    } finally {
      await outcomes.close();
      await world.close();
    }
  }, 120_000);
});

interface Statement {
  readonly Action: string[];
  readonly Resource: string | string[];
}

function statementsOf(role: Resource['Properties'] | undefined): Statement[] {
  const policies = (role?.['Policies'] ?? []) as { PolicyDocument: { Statement: Statement[] } }[];
  return policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
}

async function packageTo(folder: string): Promise<void> {
  const sls = join(
    dirname(createRequire(import.meta.url).resolve('serverless/package.json')),
    'bin/serverless.js',
  );
  const child = spawn(process.execPath, [sls, 'package', '--package', folder], {
    cwd: ROOT,
    env: {
      ...process.env,
      NODE_ENV: '',
      BUCKET_PREFIX: 'lab-',
      KAFKA_SASL_MECHANISM: 'aws-iam',
      VPC_SUBNET_IDS: 'subnet-1, subnet-2',
      VPC_SECURITY_GROUP_IDS: 'sg-1',
      ADMIN_TOKEN: '',
      PUBLIC_READS: '',
      PUBLIC_UPLOADS: '',
      AWS_ACCESS_KEY_ID: '',
      AWS_SECRET_ACCESS_KEY: '',
      AWS_EC2_METADATA_DISABLED: 'true',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  for (const output of [child.stdout, child.stderr])
    output.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  const [status] = (await once(child, 'close')) as [number | null];
  expect(status, printed).toBe(0);
}

async function unpack(files: Readonly<Record<string, Uint8Array>>, folder: string): Promise<void> {
  for (const [name, bytes] of Object.entries(files)) {
    if (name.endsWith('/')) continue;
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), bytes);
  }
}

const CENTRAL_ENTRY = 0x02_01_4b_50;
/** Of a Unix mode in the external attributes' upper half. */
const [TYPE_BITS, LINK] = [0o170_000, 0o120_000];

/** How many entries of a zip are symbolic links. */
async function linksIn(file: string): Promise<number> {
  const zip = await readFile(file);
  const end = zip.lastIndexOf(Buffer.from('PK\u0005\u0006', 'latin1'));
  let links = 0;
  let at = zip.readUInt32LE(end + 16);
  while (zip.readUInt32LE(at) === CENTRAL_ENTRY) {
    if (((zip.readUInt32LE(at + 38) >>> 16) & TYPE_BITS) === LINK) links += 1;
    at += 46 + zip.readUInt16LE(at + 28) + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  return links;
}
