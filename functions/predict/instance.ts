import { createRuntimePool, type RuntimePool } from '@flts/model-runtime';
import { setTimeout as sleep } from 'node:timers/promises';
import { describeError, FltsError } from '../shared/errors.ts';
import { createServices, type Services } from '../shared/services.ts';
import { createServingModels, type ServingModels } from '../shared/serving/serving-models.ts';
import { createStoredSeries, type StoredSeries } from '../shared/serving/stored-series.ts';
import {
  accessShape,
  readSettings,
  servingShape,
  type AccessSettings,
  type ServingSettings,
} from '../shared/settings/settings.ts';
import { createForecastCache, type ForecastCache } from './forecast/cache.ts';
import { createForecastQueue, type ForecastQueue } from './forecast/queue.ts';
import { createMetrics, type Metrics } from './metrics/metrics.ts';
import { createRecorder, type Recorder } from './record/recorder.ts';

/** What one instance of the function works with. */
export interface Instance {
  readonly services: Services;
  readonly settings: ServingSettings;
  readonly access: AccessSettings;
  readonly models: ServingModels;
  readonly stored: StoredSeries;
  readonly queue: ForecastQueue;
  readonly cache: ForecastCache;
  readonly recorder: Recorder;
  readonly metrics: Metrics;
  /** Resolves after `ms`, or once aborted. */
  readonly pause: (ms: number, signal?: AbortSignal) => Promise<void>;
}

export interface InstanceParts {
  readonly services: Services;
  readonly settings: ServingSettings;
  readonly access: AccessSettings;
  readonly pool: RuntimePool;
  readonly pause?: Instance['pause'];
}

/** Answers that are kept; a long one of many targets takes about 1 MB. */
const CACHED_FORECASTS = 32;
/** How long a line waits for others where no answer waits for it. */
const BATCH_MS = 200;

export function createInstance(parts: InstanceParts): Instance {
  const { services, settings, access, pool, pause = realPause } = parts;
  const { publisher, log, storage } = services;
  const queue = createForecastQueue(pool, settings);
  const cache = createForecastCache(CACHED_FORECASTS);
  const waitMs = settings.RECORD_BEFORE_ANSWER ? 0 : BATCH_MS;
  const recorder = createRecorder({ publisher, log, waitMs });
  const metrics = createMetrics(() => ({
    ...queue.stats(),
    served: cache.served(),
    notRecorded: recorder.failures(),
  }));
  const models = createServingModels(services, { onLoad: (outcome) => metrics.modelLoad(outcome) });
  const stored = createStoredSeries(storage);
  return { services, settings, access, models, stored, queue, cache, recorder, metrics, pause };
}

/** The instance that the environment asks for. @throws FltsError setting_invalid (500: no client can help it) */
export function instanceFromEnvironment(environment: NodeJS.ProcessEnv = process.env): Instance {
  try {
    const settings = readSettings(servingShape, environment);
    const access = readSettings(accessShape, environment);
    const services = createServices('predict', environment);
    const pool = createRuntimePool({
      threads: settings.QUEUE_WORKERS,
      // A thread takes a second or more until it can forecast: one is always there.
      minThreads: 1,
      maxQueue: settings.QUEUE_MAXSIZE,
      backend: settings.TFJS_BACKEND,
      wideVectors: settings.WIDE_VECTORS,
    });
    return createInstance({ services, settings, access, pool });
  } catch (cause) {
    throw new FltsError('setting_invalid', describeError(cause).message, { cause });
  }
}

function realPause(ms: number, signal?: AbortSignal): Promise<void> {
  return sleep(ms, undefined, signal === undefined ? {} : { signal }).catch(() => {});
}
