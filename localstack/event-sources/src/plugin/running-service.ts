// Everything that runs while `sls offline` does: pools, mappings, notification configuration.
import { describeError } from '../errors.ts';
import { createFunctionPool, type PoolOptions } from '../lambda/create-pool.ts';
import type { FunctionPool } from '../lambda/function-pool.ts';
import { loadOfflineLambda } from '../lambda/offline-lambda.ts';
import { createLog, type Log } from '../log.ts';
import { startMapping, type Mapping } from '../msk/mapping.ts';
import { startS3Mapping } from '../s3/mapping.ts';
import type { MskEvent } from '../settings/schema.ts';
import type { FunctionMappings, ServiceMappings } from '../settings/service-mappings.ts';
import type { Serverless } from './serverless.ts';

export interface RunningService {
  readonly recycle: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

interface Context {
  readonly serverless: Serverless;
  readonly mappings: ServiceMappings;
  readonly region: string;
  readonly log: Log;
}

const GRACE_MS = 3000;

/** Starts every mapping and returns at once; `event_sources_ready` is logged when all have joined their groups. */
export async function runService(
  serverless: Serverless,
  mappings: ServiceMappings,
  offlineOptions: Readonly<Record<string, unknown>>,
): Promise<RunningService> {
  const startedAt = performance.now();
  const log = createLog(mappings.custom.logLevel);
  const region = serverless.service.provider.region ?? 'us-east-1';
  const context: Context = { serverless, mappings, region, log };
  const serviceDir = serverless.serviceDir ?? serverless.config.servicePath ?? process.cwd();
  const Lambda = await loadOfflineLambda(serviceDir);
  const defaultTimeout = serverless.service.provider.timeout;
  const shared = { Lambda, serverless, serviceDir, offlineOptions, defaultTimeout, log };
  const running = mappings.functions.map((each) => startFunction(each, shared, context));
  const stopping = new AbortController();
  const configured = configure(context, stopping.signal);
  void announce([...running.flatMap((each) => each.mappings), { ready: configured }], { startedAt, log });
  return {
    async recycle() {
      await Promise.all(running.map(({ pool }) => pool.recycle()));
    },
    async stop() {
      stopping.abort();
      await Promise.all(running.flatMap((each) => each.mappings.map((mapping) => mapping.stop(GRACE_MS))));
      await Promise.all(running.map(({ pool }) => pool.dispose()));
      log.info({ event: 'event_sources_stopped' });
    },
  };
}

async function announce(
  parts: readonly { readonly ready: Promise<void> }[],
  { startedAt, log }: { startedAt: number; log: Log },
): Promise<void> {
  try {
    await Promise.all(parts.map(({ ready }) => ready));
    const ms = Math.round(performance.now() - startedAt);
    log.info({ event: 'event_sources_ready', mappings: parts.length - 1, ms });
  } catch (error) {
    log.error({ event: 'event_sources_failed', error: describeError(error) });
  }
}

type SharedPoolOptions = Omit<PoolOptions, 'functionKey' | 'definition'>;

function startFunction(
  { functionKey, definition, msk, rules }: FunctionMappings,
  shared: SharedPoolOptions,
  context: Context,
): { pool: FunctionPool; mappings: Mapping[] } {
  const pool = createFunctionPool({ ...shared, functionKey, definition });
  const invoke = (event: unknown): Promise<unknown> => pool.invoke(event);
  const started = msk.map((event) =>
    startMsk(event, { functionKey, name: definition.name, invoke }, context),
  );
  if (rules.length > 0) started.push(startS3({ functionKey, name: definition.name, invoke }, rules, context));
  return { pool, mappings: started };
}

interface Target {
  readonly functionKey: string;
  /** As deployed, with service and stage. */
  readonly name: string;
  readonly invoke: (event: unknown) => Promise<unknown>;
}

function startMsk(event: MskEvent, { functionKey, name, invoke }: Target, context: Context): Mapping {
  const { mappings, region, log } = context;
  const { kafka } = mappings.custom;
  const ignored = (['provisionedPollerConfig', 'saslScram512'] as const).filter(
    (key) => event[key] !== undefined,
  );
  if (ignored.length > 0)
    log.info({ event: 'settings_without_effect_here', function: functionKey, keys: ignored });
  const arn =
    typeof event.arn === 'string' ? event.arn : `arn:aws:kafka:${region}:000000000000:cluster/local/1`;
  const window = event.maximumBatchingWindow;
  return startMapping({
    bootstrapServers: mappings.bootstrapServers,
    topic: event.topic,
    functionName: functionKey,
    invoke,
    eventSourceArn: arn,
    consumerGroupId: event.consumerGroupId ?? `${name}-${event.topic}`,
    batchSize: event.batchSize,
    startingPosition: event.startingPosition,
    maximumRetryAttempts: event.maximumRetryAttempts,
    reportBatchItemFailures: event.functionResponseType !== undefined,
    log,
    ...(event.filterPatterns === undefined ? {} : { filterPatterns: event.filterPatterns }),
    ...(window === undefined ? {} : { batchingWindowMs: window * 1000 }),
    ...(event.destinations?.onFailure === undefined ? {} : { onFailureTopic: event.destinations.onFailure }),
    ...(kafka.sessionTimeout === undefined ? {} : { sessionTimeoutMs: kafka.sessionTimeout }),
    ...(kafka.backoff === undefined ? {} : { backoff: kafka.backoff }),
  });
}

function startS3(
  { functionKey, name, invoke }: Target,
  rules: FunctionMappings['rules'],
  context: Context,
): Mapping {
  const { mappings, region, log } = context;
  const { kafka, s3 } = mappings.custom;
  const backoff = s3.backoff ?? kafka.backoff;
  return startS3Mapping({
    bootstrapServers: mappings.bootstrapServers,
    topic: s3.topic,
    functionName: functionKey,
    invoke,
    rules,
    consumerGroupId: `${name}-${s3.topic}`,
    region,
    concurrency: s3.concurrency,
    log,
    ...(kafka.sessionTimeout === undefined ? {} : { sessionTimeoutMs: kafka.sessionTimeout }),
    ...(backoff === undefined ? {} : { backoff }),
  });
}

async function configure({ serverless, mappings, region, log }: Context, signal: AbortSignal): Promise<void> {
  const rules = mappings.functions.flatMap((each) => each.rules);
  if (rules.length === 0) return;
  // Loaded here, since it takes a while and only services with s3 events need it.
  const { configureNotifications } = await import('../s3/configuration.ts');
  const { service, provider } = serverless.service;
  const id = `event-sources-${service}-${provider.stage ?? 'dev'}`;
  const { queueArn } = mappings.custom.s3;
  await configureNotifications({ endpoint: mappings.s3Endpoint, region, queueArn, id, rules, log, signal });
}
