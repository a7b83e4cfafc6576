import { loadMeta } from '../dataset/load.ts';
import type { DatasetMeta } from '../dataset/meta.ts';
import { describeError } from '../errors.ts';
import { pointerKey, ROOT_POINTER_KEY } from '../keys.ts';
import { pointer, type Pointer } from '../promotion.ts';
import type { Services } from '../services.ts';
import { BUCKETS, GLOBAL_IDENTIFIER } from '../topics.ts';
import { loadRunModel, type RunModel } from './run-model.ts';

/** What a pointer names, loaded. */
export interface ServedModel {
  readonly pointer: Pointer;
  readonly model: RunModel;
  /** Of the dataset that the model was trained on. */
  readonly meta: DatasetMeta;
}

/** The promoted models, as one instance knows them. `global` is the newest promotion of all identifiers. */
export interface ServingModels {
  /**
   * The model in force: what the pointer named at most `maxAgeMs` ago (default: `checkEveryMs`). Where that cannot be
   * loaded, the model in hand, if any. undefined while nothing is promoted. @throws what loading it threw, where no
   * model is in hand
   */
  current(identifier: string, maxAgeMs?: number): Promise<ServedModel | undefined>;
  /** The same, from a pointer read now, and without waiting for a failed load's next attempt. */
  reload(identifier: string): Promise<ServedModel | undefined>;
  /** The model in hand, without a look at the pointer. */
  inHand(identifier: string): ServedModel | undefined;
  /** Identifiers with a model in hand. */
  identifiers(): string[];
}

export interface ServingOptions {
  /** How long a look at the pointer is good for, ms; default 1000. */
  readonly checkEveryMs?: number;
  /** Told after every attempt to load a model. */
  readonly onLoad?: (outcome: 'loaded' | 'failed') => void;
}

/** Waits between attempts to load a model that could not be loaded, ms: 1 s, 2 s, 4 s … at most a minute. */
const FIRST_RETRY_MS = 1000;
const LONGEST_RETRY_MS = 60_000;

interface Failure {
  readonly etag: string;
  readonly cause: unknown;
  readonly attempts: number;
  /** Epoch ms. */
  readonly retryAt: number;
}

interface Entry {
  served: ServedModel | undefined;
  /** Of the pointer that `served` comes from. */
  etag: string | undefined;
  failure: Failure | undefined;
  checkedAt: number;
  checking: Promise<void> | undefined;
}

type Needs = Pick<Services, 'storage' | 'tracking' | 'log' | 'now'> & Pick<ServingOptions, 'onLoad'>;

/** Caches by immutable ids alone: a pointer's ETag and its run_id. */
export function createServingModels(
  clients: Omit<Needs, 'onLoad'>,
  { checkEveryMs = 1000, onLoad }: ServingOptions = {},
): ServingModels {
  const services: Needs = { ...clients, ...(onLoad === undefined ? {} : { onLoad }) };
  const entries = new Map<string, Entry>();
  const entryOf = (identifier: string): Entry => {
    const known = entries.get(identifier) ?? {
      served: undefined,
      etag: undefined,
      failure: undefined,
      checkedAt: Number.NEGATIVE_INFINITY,
      checking: undefined,
    };
    entries.set(identifier, known);
    return known;
  };
  const check = (identifier: string, entry: Entry): Promise<void> =>
    (entry.checking ??= refresh(services, identifier, entry).finally(() => {
      entry.checking = undefined;
      // An identifier that nobody promoted is not kept, so that asking for any name costs no memory.
      if (entry.served === undefined && entry.failure === undefined) entries.delete(identifier);
      else entries.set(identifier, entry);
    }));
  const answer = ({ served, failure }: Entry): ServedModel | undefined => {
    if (served === undefined && failure !== undefined) throw failure.cause;
    return served;
  };
  const models: ServingModels = {
    current: async (identifier, maxAgeMs = checkEveryMs) => {
      const entry = entryOf(identifier);
      // A look that began before the call may have missed what the caller knows of.
      if (maxAgeMs === 0) await entry.checking?.catch(() => {});
      const isDue = services.now() - entry.checkedAt >= maxAgeMs;
      // Whoever has nothing in hand waits for the load that is under way; with a model in hand nobody has to.
      const isFirst = entry.served === undefined && entry.checking !== undefined;
      if (isDue || isFirst) await check(identifier, entry);
      return answer(entry);
    },
    reload: async (identifier) => {
      entryOf(identifier).failure = undefined;
      return models.current(identifier, 0);
    },
    inHand: (identifier) => entries.get(identifier)?.served,
    identifiers: () => [...entries].flatMap(([identifier, { served }]) => (served ? [identifier] : [])),
  };
  return models;
}

async function refresh(services: Needs, identifier: string, entry: Entry): Promise<void> {
  const { storage, log, now } = services;
  const key = identifier === GLOBAL_IDENTIFIER ? ROOT_POINTER_KEY : pointerKey(identifier);
  try {
    const info = await storage.head(BUCKETS.promotion, key);
    entry.checkedAt = now();
    if (info?.etag === entry.etag) {
      entry.failure = undefined;
      return;
    }
    if (info === undefined) {
      Object.assign(entry, { served: undefined, etag: undefined, failure: undefined });
      return;
    }
    if (entry.failure?.etag === info.etag && now() < entry.failure.retryAt) return;
    await replace(services, key, entry);
  } catch (cause) {
    if (entry.served === undefined) throw cause;
    // Storage that is down is asked again after the usual while, not by every request.
    entry.checkedAt = now();
    log.warn({
      event: 'pointer_check_failed',
      identifier,
      place: `${BUCKETS.promotion}/${key}`,
      ...describeError(cause),
    });
  }
}

/** Loads what the pointer names now; the model in hand stays where that fails. */
async function replace(services: Needs, key: string, entry: Entry): Promise<void> {
  const stored = await services.storage.getJson(BUCKETS.promotion, key, pointer);
  if (stored === undefined) return;
  try {
    entry.served = await load(services, stored.value, entry.served);
    entry.etag = stored.etag;
    entry.failure = undefined;
    services.onLoad?.('loaded');
  } catch (cause) {
    services.onLoad?.('failed');
    const attempts = entry.failure?.etag === stored.etag ? entry.failure.attempts + 1 : 1;
    const retryMs = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** (attempts - 1));
    entry.failure = { etag: stored.etag, cause, attempts, retryAt: services.now() + retryMs };
    const starting = entry.served === undefined;
    services.log.error({
      event: starting ? 'promotion_model_load_fail_startup' : 'promotion_model_load_fail',
      identifier: stored.value.identifier,
      place: `${BUCKETS.promotion}/${key}`,
      run_id: stored.value.run_id,
      serving_run_id: entry.served?.pointer.run_id ?? null,
      attempts,
      retry_in_s: retryMs / 1000,
      ...describeError(cause),
    });
  }
}

async function load(
  { storage, tracking, log }: Needs,
  promoted: Pointer,
  before: ServedModel | undefined,
): Promise<ServedModel> {
  const { identifier, config_hash, run_id, run_name, model_type } = promoted;
  const same = before?.pointer.run_id === run_id && before.pointer.config_hash === config_hash;
  if (same) return { ...before, pointer: promoted };
  const [model, meta] = await Promise.all([
    loadRunModel(tracking, run_id, run_name),
    loadMeta(storage, identifier, config_hash),
  ]);
  log.info({ event: 'model_loaded', identifier, run_id, model_type, promotion_id: promoted.promotion_id });
  return { pointer: promoted, model, meta };
}
