import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startOffline } from './offline.ts';

interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
}

let folder: string;
let mappings: Readonly<Record<string, unknown>>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'event-sources-package-'));
  const command = ['package', '--config', 'serverless-settings.yml', '--package', folder];
  const packaging = await startOffline({ AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' }, command);
  expect(await packaging.exited, packaging.lines.entries.join('\n')).toBe(0);
  const template = JSON.parse(
    await readFile(join(folder, 'cloudformation-template-update-stack.json'), 'utf8'),
  ) as { Resources: Record<string, Resource> };
  mappings = Object.fromEntries(
    Object.entries(template.Resources)
      .filter(([, { Type }]) => Type === 'AWS::Lambda::EventSourceMapping')
      .map(([id, { Properties }]) => [id, Properties]),
  );
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

const cluster = 'arn:aws:kafka:eu-west-1:000000000000:cluster/fixture/00000000-0000-0000-0000-000000000000-1';

it('deploys an msk event with each of its settings', () => {
  expect(mappings['FullEventSourceMappingMSKFixtureOrders']).toEqual({
    FunctionName: { 'Fn::GetAtt': ['FullLambdaFunction', 'Arn'] },
    EventSourceArn: cluster,
    Topics: ['orders'],
    BatchSize: 250,
    MaximumBatchingWindowInSeconds: 0,
    StartingPosition: 'AT_TIMESTAMP',
    StartingPositionTimestamp: 1_760_000_000,
    AmazonManagedKafkaEventSourceConfig: { ConsumerGroupId: 'full-orders' },
    Enabled: false,
    FilterCriteria: { Filters: [{ Pattern: '{"value":{"kind":[{"prefix":"o"}]}}' }] },
    MaximumRetryAttempts: 7,
    MaximumRecordAgeInSeconds: 3600,
    BisectBatchOnFunctionError: true,
    FunctionResponseTypes: ['ReportBatchItemFailures'],
    ProvisionedPollerConfig: { MinimumPollers: 1, MaximumPollers: 4 },
    DestinationConfig: { OnFailure: { Destination: 'arn:aws:s3:::given-up' } },
  });
});

it("deploys a self-managed cluster's event on the same topic with its own settings", () => {
  expect(mappings['FullEventSourceMappingKafkaOrders']).toEqual({
    FunctionName: { 'Fn::GetAtt': ['FullLambdaFunction', 'Arn'] },
    SelfManagedEventSource: { Endpoints: { KafkaBootstrapServers: ['b-1.example.com:9096'] } },
    SourceAccessConfigurations: [
      {
        Type: 'SASL_SCRAM_512_AUTH',
        URI: 'arn:aws:secretsmanager:eu-west-1:000000000000:secret:AmazonMSK_fixture',
      },
    ],
    Topics: ['orders'],
    StartingPosition: 'TRIM_HORIZON',
    MaximumBatchingWindowInSeconds: 5,
    MaximumRetryAttempts: 0,
    MaximumRecordAgeInSeconds: 60,
    ProvisionedPollerConfig: { MinimumPollers: 2, MaximumPollers: 3 },
    DestinationConfig: { OnFailure: { Destination: 'kafka://DLQ-orders' } },
  });
});

it("adds nothing to another function's mapping of the same topic", () => {
  expect(mappings['PlainEventSourceMappingMSKFixtureOrders']).toEqual({
    FunctionName: { 'Fn::GetAtt': ['PlainLambdaFunction', 'Arn'] },
    EventSourceArn: cluster,
    Topics: ['orders'],
    StartingPosition: 'TRIM_HORIZON',
  });
});
