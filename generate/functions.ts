import { STAGES } from '../functions/stages.ts';
import type { Stage, StageFunction, Subscription } from '../functions/shared/stage.ts';
import { BUCKETS, dlqOf, TOPICS, TOPIC_PARTITIONS } from '../functions/shared/topics.ts';
import type { Block } from './blocks.ts';

/** The functions of serverless.yml: a block a function, in the order of the stages. */
export function functionsOfServerless(): Block {
  const functions = STAGES.flatMap((stage) => stage.functions.map((each) => functionLines(stage, each)));
  const text = functions.map((lines) => lines.join('\n')).join('\n\n');
  return { file: 'serverless.yml', name: 'functions', text };
}

/** What has to be there before the first message: read by npm start, and by the role's statements. */
export function resourcesOfServerless(): Block {
  const topics = [...Object.values(TOPICS), ...['dataset', ...Object.values(TOPICS)].map(dlqOf)];
  const lines = [
    '# Partitions of each topic.',
    'topics:',
    ...topics.map((topic) => `  ${topic}: ${TOPIC_PARTITIONS[topic] ?? 1}`),
    `buckets: [${Object.values(BUCKETS).join(', ')}]`,
  ];
  return { file: 'serverless.yml', name: 'topics and buckets', text: lines.join('\n') };
}

function functionLines(stage: Stage, { name, environment = {}, reads = [] }: StageFunction): string[] {
  const isFirst = stage.functions[0]?.name === name;
  const comment =
    isFirst && stage.says !== undefined ? stage.says.split('\n').map((line) => `# ${line}`) : [];
  const variables = [
    ...(stage.settings.length === 0
      ? []
      : [`<<: [${stage.settings.map((group) => `*settings-${group}`).join(', ')}]`]),
    ...Object.entries(environment).map(([key, value]) => `${key}: ${value}`),
  ];
  const events = [
    ...(stage.takesUploads === true ? uploadEvent() : []),
    ...reads.flatMap((subscription) => mskEvent(name, subscription)),
    ...(stage.http ?? []).map(httpEvent),
  ];
  return [
    ...comment,
    `${name}:`,
    `  handler: dist/functions/${stage.name}/handler.handler`,
    `  timeout: ${stage.timeoutS}`,
    `  memorySize: ${stage.memoryMb}`,
    ...(stage.temporaryMb === undefined ? [] : [`  ephemeralStorageSize: ${stage.temporaryMb}`]),
    ...(variables.length === 0 ? [] : ['  environment:', ...variables.map((line) => `    ${line}`)]),
    '  events:',
    ...events.map((line) => `    ${line}`),
  ];
}

function uploadEvent(): string[] {
  return [
    '- s3:',
    `    bucket: \${env:BUCKET_PREFIX, ''}${BUCKETS.dataset}`,
    '    event: s3:ObjectCreated:*',
    '    existing: true',
    '    destinations:',
    '      onFailure: kafka://DLQ-dataset',
  ];
}

function mskEvent(
  name: string,
  { topic, group = name, batchSize, attempts, pollers, filters = [] }: Subscription,
): string[] {
  return [
    '- msk:',
    '    arn: ${self:custom.mskArn}',
    `    topic: ${topic}`,
    `    consumerGroupId: ${group}`,
    `    batchSize: ${batchSize}`,
    '    startingPosition: TRIM_HORIZON',
    '    functionResponseType: ReportBatchItemFailures',
    `    maximumRetryAttempts: ${attempts}`,
    `    provisionedPollerConfig: { minimumPollers: 1, maximumPollers: ${pollers} }`,
    ...(filters.length === 0
      ? []
      : ['    filterPatterns:', ...filters.map((value) => `      - value: ${flow(value)}`)]),
    ...(attempts === -1 ? [] : ['    destinations:', `      onFailure: kafka://${dlqOf(topic)}`]),
  ];
}

function httpEvent(route: string): string {
  const [method = '', path = ''] = route.split(' ');
  const quoted = path.includes('{') ? `'${path}'` : path;
  return `- http: { method: ${method.toLowerCase()}, path: ${quoted} }`;
}

/** In YAML's flow style, as Prettier writes it. */
function flow(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flow).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  return `{ ${Object.entries(value)
    .map(([key, inner]) => `${key}: ${flow(inner)}`)
    .join(', ')} }`;
}
