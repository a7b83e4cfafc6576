import { z } from 'zod';
import { loadMeta } from '../shared/dataset/load.ts';
import type { DatasetMeta } from '../shared/dataset/meta.ts';
import { pointerKey, processedFolder, testKey, trainKey } from '../shared/keys.ts';
import { pointer, pointerOrNone, type Pointer } from '../shared/promotion.ts';
import type { ObjectInfo, Storage } from '../shared/storage/storage.ts';
import { BUCKETS } from '../shared/topics.ts';
import type { Run, Tracking } from '../shared/tracking/tracking.ts';
import { CONFIG_HASH_TAG, type Place, type Stores } from './locate.ts';
import { predictionsIn, type LoggedPrediction } from './logs.ts';

export interface TracedSource {
  /** bucket/key. */
  readonly place: string;
  /** As it was read. */
  readonly etag: string;
  readonly size: number;
  /** What lies there now; undefined where nothing does. */
  readonly etagNow: string | undefined;
}

export interface Trace {
  readonly place: Place;
  readonly meta: DatasetMeta;
  readonly sources: readonly TracedSource[];
  readonly parquet: readonly { readonly key: string; readonly object: ObjectInfo | undefined }[];
  /** Oldest first; undefined: named somewhere, and no longer in MLflow. */
  readonly runs: readonly { readonly runId: string; readonly run: Run | undefined }[];
  readonly promotions: readonly {
    readonly key: string;
    readonly promotion: Pointer;
    readonly current: boolean;
  }[];
  readonly predictions: readonly LoggedPrediction[];
  /** Whether a lease, promotion or prediction of this identifier names the one run that is shown; true where all are. */
  readonly namesRun: boolean;
}

const STATUSES = ['RUNNING', 'FINISHED', 'FAILED', 'KILLED'] as const;

/** All that is stored of a data set and of what came of it. @throws DataError object_not_found */
export async function trace(place: Place, stores: Stores): Promise<Trace> {
  const { storage, tracking } = stores;
  const { identifier, configHash } = place;
  const meta = await loadMeta(storage, identifier, configHash);
  const predictions = await predictionsOf(storage, place);
  const runId = place.runId ?? (place.predictionHash === undefined ? undefined : predictions[0]?.line.run_id);
  const shown = (id: string): boolean => runId === undefined || id === runId;
  const promotions = await promotionsOf(storage, place);
  const named = [
    ...(await leasedRuns(storage, place)),
    ...promotions.flatMap(({ promotion }) => [
      promotion.run_id,
      ...promotion.scoreboard.map(({ run_id }) => run_id),
    ]),
    ...predictions.map(({ line }) => line.run_id),
  ];
  const runs =
    runId === undefined ? await allRuns(tracking, configHash, named) : await namedRuns(tracking, [runId]);
  return {
    place,
    meta,
    sources: await sourcesOf(storage, meta),
    parquet: await parquetOf(storage, place),
    runs,
    promotions: promotions.filter(({ promotion }) => shown(promotion.run_id)),
    predictions: predictions.filter(({ line }) => shown(line.run_id)),
    namesRun: named.some(shown),
  };
}

async function sourcesOf(storage: Storage, { source, test_source }: DatasetMeta): Promise<TracedSource[]> {
  const sources: TracedSource[] = [];
  for (const each of [source, test_source]) {
    if (each === null) continue;
    const { bucket, object, etag, size } = each;
    const now = await storage.head(bucket, object);
    sources.push({ place: `${bucket}/${object}`, etag, size, etagNow: now?.etag });
  }
  return sources;
}

async function parquetOf(storage: Storage, { identifier, configHash }: Place): Promise<Trace['parquet']> {
  const keys = [trainKey(identifier, configHash), testKey(identifier, configHash)];
  return Promise.all(keys.map(async (key) => ({ key, object: await storage.head(BUCKETS.processed, key) })));
}

async function leasedRuns(storage: Storage, { identifier, configHash }: Place): Promise<string[]> {
  const lease = z.object({ run_id: z.string().nullable() });
  const runs: string[] = [];
  for await (const { key } of storage.list(
    BUCKETS.processed,
    `${processedFolder(identifier, configHash)}/leases/`,
  )) {
    const stored = await storage.getJson(BUCKETS.processed, key, lease);
    if (typeof stored?.value.run_id === 'string') runs.push(stored.value.run_id);
  }
  return runs;
}

/** The named runs, and those of their experiment that were trained on the data set. */
async function allRuns(
  tracking: Tracking,
  configHash: string,
  named: readonly string[],
): Promise<Trace['runs']> {
  const runs = new Map((await namedRuns(tracking, named)).map((each) => [each.runId, each]));
  const experiment = [...runs.values()].find(({ run }) => run !== undefined)?.run?.experimentId;
  const tag = { key: CONFIG_HASH_TAG, value: configHash };
  for (const status of experiment === undefined ? [] : STATUSES)
    for (const run of await tracking.findRuns(experiment ?? '', tag, status))
      runs.set(run.runId, { runId: run.runId, run });
  const started = ({ run }: Trace['runs'][number]): number => run?.startTime ?? 0;
  return [...runs.values()].toSorted((a, b) => started(a) - started(b) || (a.runId < b.runId ? -1 : 1));
}

function namedRuns(tracking: Tracking, named: readonly string[]): Promise<Trace['runs'][number][]> {
  return Promise.all(
    [...new Set(named)].map(async (runId) => ({ runId, run: await tracking.getRun(runId) })),
  );
}

async function promotionsOf(
  storage: Storage,
  { identifier, configHash }: Place,
): Promise<Trace['promotions'][number][]> {
  const current = await storage.getJson(BUCKETS.promotion, pointerKey(identifier), pointerOrNone);
  const promotions: Trace['promotions'][number][] = [];
  for await (const { key } of storage.list(BUCKETS.promotion, `${identifier}/${configHash}/promotion-`)) {
    const stored = await storage.getJson(BUCKETS.promotion, key, pointer);
    if (stored === undefined) continue;
    const promotion = stored.value;
    promotions.push({ key, promotion, current: current?.value?.promotion_id === promotion.promotion_id });
  }
  return promotions;
}

async function predictionsOf(
  storage: Storage,
  { identifier, configHash, predictionHash }: Place,
): Promise<LoggedPrediction[]> {
  const predictions: LoggedPrediction[] = [];
  for await (const prediction of predictionsIn(storage, `${identifier}/`)) {
    const { config_hash, metrics } = prediction.line;
    if (config_hash !== configHash) continue;
    if (predictionHash === undefined || metrics.prediction_hash === predictionHash)
      predictions.push(prediction);
  }
  return predictions;
}
