import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { preprocess } from '../../functions/preprocess/preprocess.ts';
import { claimIdOfUpload } from '../../functions/shared/claims.ts';
import type { Upload } from '../../functions/shared/handlers/s3-handler.ts';
import { silentLog } from '../../functions/shared/log.ts';
import { createMemoryPublisher } from '../../functions/shared/messages/memory-publisher.ts';
import { createS3Client, createS3Storage } from '../../functions/shared/storage/s3-storage.ts';
import { createMemoryTracking } from '../../functions/shared/tracking/memory-tracking.ts';

const NEWEST_PAIR = ['', 'b/'].flatMap((folder) =>
  ['processed_data.parquet', 'test_processed_data.parquet'].map((name) => `${folder}${name}`),
);

/** Preprocesses dataset/b.csv anew for each line of input. */
export async function runStage(): Promise<void> {
  const storage = createS3Storage(createS3Client());
  const services = {
    storage,
    publisher: createMemoryPublisher(),
    tracking: createMemoryTracking(),
    log: silentLog,
    now: () => Date.now(),
  };
  console.log('ready');
  let run = 0;
  for await (const _ of createInterface({ input: process.stdin })) {
    run += 1;
    // Else the copies of a run before would be found, and not be made again.
    for (const key of NEWEST_PAIR) await storage.delete('processed-data', key);
    const started = performance.now();
    await preprocess(uploadOf(run), services, { FORCE_REPROCESS: '1' });
    const seconds = (performance.now() - started) / 1000;
    console.log(JSON.stringify({ seconds, peak_mb: await peakMegabytes() }));
  }
}

function uploadOf(run: number): Upload {
  const object = { bucket: 'dataset', key: 'b.csv', etag: 'bench', sequencer: `${run}` };
  return {
    ...object,
    size: 0,
    claimId: claimIdOfUpload(object),
    claimedAt: new Date(Date.now() + run).toISOString(),
    remainingMs: () => 3_600_000,
  };
}

/** Of resident memory since the process began, the database's included; as Linux tells it. */
async function peakMegabytes(): Promise<number> {
  const [, kilobytes] = /VmHWM:\s*(\d+) kB/u.exec(await readFile('/proc/self/status', 'utf8')) ?? [];
  return Math.round(Number(kilobytes) / 1024);
}
