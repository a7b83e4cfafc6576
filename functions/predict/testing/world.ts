import type { ModelType, RuntimePool } from '@flts/model-runtime';
import { httpHandler } from '../../shared/handlers/http-handler.ts';
import { createServingModels } from '../../shared/serving/serving-models.ts';
import type { AccessSettings, ServingSettings } from '../../shared/settings/settings.ts';
import { OPEN_ACCESS } from '../../shared/testing/access.ts';
import { context, httpEvent, type HttpFields } from '../../shared/testing/events.ts';
import { promotedWorld } from '../../shared/testing/promoted.ts';
import { SERVING_DEFAULTS } from '../../shared/testing/settings.ts';
import { HOUR_MS, START } from '../../shared/testing/tables.ts';
import { createThreadlessPool } from '../../shared/testing/threadless-pool.ts';
import type { createMemoryServices } from '../../shared/testing/memory-services.ts';
import { createInstance } from '../instance.ts';
import { answer } from '../routes/routes.ts';

export const ROWS = 400;
export const SEASON = 24;

/** Row `hour` of the source: a target, a past covariate and a known-future one; null where a cell is missing. */
export function sourceRow(hour: number): Record<'load' | 'flow' | 'event', number | null> {
  return {
    load: hour % 97 === 50 ? null : 100 + (hour % SEASON) * 2 + ((hour * 7) % 5),
    flow: hour % 61 === 30 ? null : (hour * 13) % 17,
    event: hour % 50 === 7 ? 1 : 0,
  };
}

export const timeOf = (hour: number): string => new Date(START + hour * HOUR_MS).toISOString();

/** Hours that the source has no row for. */
export const GAP = [200, 201];

export function sourceCsv(): string {
  const hours = [...Array.from({ length: ROWS }).keys()].filter((hour) => !GAP.includes(hour));
  const lines = hours.map((hour) => {
    const { load, flow, event } = sourceRow(hour);
    return [timeOf(hour), load ?? '', flow ?? '', event].join(',');
  });
  return ['time,load,flow,event', ...lines].join('\n') + '\n';
}

/** The source's rows [from, to) as a request's data. */
export function dataOf(from: number, to: number): Record<string, unknown[]> {
  const hours = Array.from({ length: to - from }, (_, index) => from + index).filter(
    (hour) => !GAP.includes(hour),
  );
  const column = (name: 'load' | 'flow' | 'event') => hours.map((hour) => sourceRow(hour)[name]);
  return { time: hours.map(timeOf), load: column('load'), flow: column('flow'), event: column('event') };
}

export const IDENTIFIER = 'grid';

/** Services that hold the source, processed, and a promoted model of it. */
export function createWorld(modelType: ModelType, config: Record<string, unknown> = {}) {
  return promotedWorld(IDENTIFIER, modelType, {
    csv: sourceCsv(),
    config: {
      TARGET_COLUMNS: ['load'],
      FUTURE_COLUMNS: ['event'],
      SEASONAL_PERIODS: [SEASON],
      HANDLE_NANS_THRESHOLD: 0.5,
      ...config,
    },
  });
}

export type World = Awaited<ReturnType<typeof createWorld>>;

export interface FunctionOptions {
  readonly settings?: Partial<ServingSettings>;
  /** Default: as on a laptop. */
  readonly access?: Partial<AccessSettings>;
  readonly pool?: RuntimePool;
  readonly pause?: (ms: number) => Promise<void>;
  readonly remainingMs?: number;
}

/** A fresh instance of the function over services in memory; time stands still for `pause` unless it is given. */
export function functionOver(
  { services }: Pick<ReturnType<typeof createMemoryServices>, 'services'>,
  options: FunctionOptions = {},
) {
  const { pool = createThreadlessPool(), pause = () => new Promise<void>(() => {}) } = options;
  const settings = { ...SERVING_DEFAULTS, ...options.settings };
  const instance = createInstance({
    services,
    settings,
    access: { ...OPEN_ACCESS, ...options.access },
    pool,
    pause,
  });
  const handler = httpHandler(
    (request) => answer(request, instance),
    () => services.log,
  );
  const getRemainingTimeInMillis = (): number => options.remainingMs ?? 30_000;
  const call = async (fields: HttpFields) => {
    const result = await handler(httpEvent(fields), { ...context, getRemainingTimeInMillis });
    return {
      status: result.statusCode,
      headers: result.headers ?? {},
      text: result.body,
      json: parsed(result.body),
    };
  };
  const predict = (body: unknown, fields: HttpFields = {}) =>
    call({ method: 'POST', resource: '/predict', body: JSON.stringify(body), ...fields });
  return {
    instance,
    call,
    predict,
    get: (resource: string, fields: HttpFields = {}) => call({ resource, ...fields }),
  };
}

/** The model that a world serves, as an instance would load it. */
export async function servedBy({ services }: Pick<World, 'services'>) {
  const served = await createServingModels(services).current(IDENTIFIER);
  if (served === undefined) throw new Error('expected a promoted model');
  return served;
}

function parsed(text: string): Record<string, unknown> & { error?: { code: string; message: string } } {
  return text.startsWith('{') ? JSON.parse(text) : {};
}
