import { FltsError } from '../shared/errors.ts';
import type { Storage } from '../shared/storage/storage.ts';
import { BUCKETS } from '../shared/topics.ts';
import type { Tracking } from '../shared/tracking/tracking.ts';
import { predictionsIn } from './logs.ts';

/** The tag by which a run names the data set that it was trained on. */
export const CONFIG_HASH_TAG = 'flts.config_hash';

export interface Place {
  readonly identifier: string;
  readonly configHash: string;
  /** Show this run alone. */
  readonly runId?: string;
  /** Show this prediction alone. */
  readonly predictionHash?: string;
}

export interface Stores {
  readonly storage: Storage;
  readonly tracking: Tracking;
}

/** What an id names, a place for each identifier that has it. @throws FltsError identifier_unknown, request_invalid */
export async function locate(id: string, stores: Stores): Promise<Place[]> {
  if (/^[0-9a-f]{32}$/u.test(id)) return locateRun(id, stores);
  if (!/^[0-9a-f]{64}$/u.test(id))
    throw new FltsError(
      'request_invalid',
      `expected a run_id (32 digits, 0-9 and a-f), a config_hash or a prediction_hash (64), got ${JSON.stringify(id)}`,
    );
  const datasets = await datasetsOf(stores.storage, id);
  const places = datasets.length > 0 ? datasets : await locatePrediction(id, stores.storage);
  if (places.length > 0) return places;
  throw unknown(
    `a data set in ${BUCKETS.processed} or a prediction in ${BUCKETS.inferenceLogs} with the hash`,
    id,
  );
}

async function datasetsOf(storage: Storage, configHash: string): Promise<Place[]> {
  const places: Place[] = [];
  const end = `/${configHash}/meta.json`;
  for await (const { key } of storage.list(BUCKETS.processed, ''))
    if (key.endsWith(end)) places.push({ identifier: key.slice(0, -end.length), configHash });
  return places;
}

async function locateRun(runId: string, { storage, tracking }: Stores): Promise<Place[]> {
  const run = await tracking.getRun(runId);
  if (run === undefined) throw unknown('a run in MLflow with the id', runId);
  const configHash = run.tags[CONFIG_HASH_TAG];
  if (configHash === undefined)
    throw new FltsError(
      'identifier_unknown',
      `expected run ${runId} to have the tag ${CONFIG_HASH_TAG}, got none`,
    );
  const places = await datasetsOf(storage, configHash);
  if (places.length > 0) return places.map((place) => ({ ...place, runId }));
  throw unknown(
    `a data set in ${BUCKETS.processed}, which run ${runId} was trained on, with the hash`,
    configHash,
  );
}

async function locatePrediction(hash: string, storage: Storage): Promise<Place[]> {
  const places = new Map<string, Place>();
  for await (const { line } of predictionsIn(storage, '')) {
    if (line.metrics.prediction_hash !== hash) continue;
    const { identifier, config_hash: configHash } = line;
    places.set(`${identifier}/${configHash}`, { identifier, configHash, predictionHash: hash });
  }
  return [...places.values()];
}

function unknown(expected: string, got: string): FltsError {
  return new FltsError('identifier_unknown', `expected ${expected} ${got}, got none`);
}
