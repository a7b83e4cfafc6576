import { join } from 'node:path';
import { datasetMeta, type DatasetMeta } from '../../shared/dataset/meta.ts';
import { datasetReport, reportKey, type DatasetReport } from '../../shared/dataset/report.ts';
import { metaKey, scalerKey, testKey, trainKey } from '../../shared/keys.ts';
import type { Storage } from '../../shared/storage/storage.ts';
import { BUCKETS } from '../../shared/topics.ts';
import canonicalize from 'canonicalize';
import { warningsOf } from '../report/understood.ts';
import { storeParquet } from './store-parquet.ts';
import type { StoredColumn } from './stored-columns.ts';

const BUCKET = BUCKETS.processed;

/** Nothing else of a report is read again. */
const understoodOfReport = datasetReport.pick({ understood: true });

export interface StoredDataset {
  readonly meta: DatasetMeta;
  /** Bytes of the stored files. */
  readonly sizes: { readonly train: number; readonly test: number };
  /** What whoever uploaded it should look at. */
  readonly warnings: readonly string[];
}

/** The complete dataset of this hash; undefined where there is none or one of its files is gone. */
export async function findDataset(
  storage: Storage,
  identifier: string,
  configHash: string,
): Promise<StoredDataset | undefined> {
  const meta = await storage.getJson(BUCKET, metaKey(identifier, configHash), datasetMeta);
  if (meta === undefined) return undefined;
  const train = await storage.head(BUCKET, trainKey(identifier, configHash));
  const test = await storage.head(BUCKET, testKey(identifier, configHash));
  const scaler = await storage.head(BUCKET, scalerKey(identifier, configHash));
  const report = await storage.getJson(BUCKET, reportKey(identifier, configHash), understoodOfReport);
  if (train === undefined || test === undefined) return undefined;
  if (scaler === undefined || report === undefined) return undefined;
  const warnings = warningsOf(report.value.understood);
  return { meta: meta.value, sizes: { train: train.size, test: test.size }, warnings };
}

/** Writes both files, the scaler and the report, then meta.json, whose presence says that they are complete. */
export async function storeDataset(
  storage: Storage,
  content: {
    readonly meta: DatasetMeta;
    /** Waited for once the files are stored. */
    readonly report: Promise<DatasetReport>;
    readonly columns: readonly StoredColumn[];
  },
  { folder, onRows }: { readonly folder: string; readonly onRows?: (rows: number) => void },
): Promise<StoredDataset['sizes']> {
  const { meta, report, columns } = content;
  const { identifier, config_hash: hash } = meta;
  const metadata = fileMetadata(meta);
  const { test } = meta.segments;
  const parts = [
    { name: 'train', key: trainKey(identifier, hash), range: { start: 0, end: test.start } },
    { name: 'test', key: testKey(identifier, hash), range: test },
  ] as const;
  const stored: Promise<number>[] = [];
  for (const { name, key, range } of parts) {
    const content = { columns, range, metadata, onRows: (rows: number) => onRows?.(range.start + rows) };
    const target = { bucket: BUCKET, key, file: join(folder, `${name}.parquet`), folder };
    const parquet = storeParquet(storage, target, content);
    stored.push(parquet.stored);
    // The last bytes of one file are stored while the next is written.
    await parquet.written;
  }
  await Promise.allSettled(stored);
  const [trainBytes, testBytes] = await Promise.all(stored);
  await storage.putJson(BUCKET, scalerKey(identifier, hash), meta.scaler);
  await storage.putJson(BUCKET, reportKey(identifier, hash), await report);
  // Refused where a rival was first; its files are equal to ours.
  await storage.putJson(BUCKET, metaKey(identifier, hash), meta, { ifNoneMatch: true });
  return { train: trainBytes ?? 0, test: testBytes ?? 0 };
}

/** Key-value metadata of the Parquet files: what is the same wherever the same content is processed. */
function fileMetadata(meta: DatasetMeta): Record<string, string> {
  const { config_hash, config, roles, calendar, history, frequency, seasonal_periods, scaler, data_hash } =
    meta;
  const json = { config, roles, calendar, ...(history && { history }), frequency, seasonal_periods, scaler };
  return {
    config_hash,
    data_hash,
    ...Object.fromEntries(Object.entries(json).map(([key, value]) => [key, canonicalize(value) ?? ''])),
  };
}

/**
 * Copies of the newest pair under names that older clients download; nothing of ours reads them. Those of a pair that is new are made
 * at once.
 */
export async function copyNewestPair(
  storage: Storage,
  { identifier, configHash, isNew }: { identifier: string; configHash: string; isNew: boolean },
): Promise<void> {
  const pairs = [
    { from: trainKey(identifier, configHash), name: 'processed_data.parquet' },
    { from: testKey(identifier, configHash), name: 'test_processed_data.parquet' },
  ];
  await Promise.all(
    pairs.map(async ({ from, name }) => {
      const own = `${identifier}/${name}`;
      const first = copyObject(storage, from, own);
      if (isNew) {
        await Promise.all([first, copyObject(storage, from, name)]);
        return;
      }
      await first;
      // A copy has the ETag of its bytes, whatever parts the file came in: the second one is mostly there already.
      await copyObject(storage, own, name);
    }),
  );
}

async function copyObject(storage: Storage, from: string, to: string): Promise<void> {
  const [source, target] = await Promise.all([storage.head(BUCKET, from), storage.head(BUCKET, to)]);
  if (source !== undefined && source.etag === target?.etag) return;
  await storage.copy(BUCKET, from, to);
}
