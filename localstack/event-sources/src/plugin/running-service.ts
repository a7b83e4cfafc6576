// Everything that runs while `sls offline` does: pools, mappings, notification configuration.
import { availableParallelism } from 'node:os';
import { Concurrency } from '../concurrency.ts';
import { describeError } from '../errors.ts';
import { createFunctionPool, type PoolOptions } from '../lambda/create-pool.ts';
import type { FunctionPool } from '../lambda/function-pool.ts';
import { loadOfflineLambda } from '../lambda/offline-lambda.ts';
import { createLog, type Log } from '../log.ts';
import type { Mapping } from '../msk/mapping.ts';
import type { FunctionMappings, ServiceMappings } from '../settings/service-mappings.ts';
import { serviceDirOf, type Serverless } from './serverless.ts';
import { startKafkaMapping, startS3, type MappingContext } from './start-mappings.ts';

export interface RunningService {
  readonly recycle: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

interface Context extends MappingContext {
  readonly serverless: Serverless;
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
  const context: Context = { serverless, mappings, region, log, bounds: boundsOf(mappings) };
  const serviceDir = serviceDirOf(serverless);
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

function boundsOf({ custom }: ServiceMappings): Map<string, Concurrency> {
  const bounds = Object.entries(custom.kafka.concurrency);
  return new Map(
    bounds.map(([topic, most]) => [topic, new Concurrency(most === 'cores' ? availableParallelism() : most)]),
  );
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
  { functionKey, definition, kafka, rules }: FunctionMappings,
  shared: SharedPoolOptions,
  context: Context,
): { pool: FunctionPool; mappings: Mapping[] } {
  const pool = createFunctionPool({ ...shared, functionKey, definition });
  const target = { functionKey, name: definition.name, invoke: (event: unknown) => pool.invoke(event) };
  const started = kafka.map((event) => startKafkaMapping(event, target, context));
  if (rules.length > 0) started.push(startS3(rules, target, context));
  return { pool, mappings: started };
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
