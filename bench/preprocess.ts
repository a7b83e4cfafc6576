import { mkdtemp, rm, stat } from 'node:fs/promises';
import { createReadStream } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createS3Client, createS3Storage } from '../functions/shared/storage/s3-storage.ts';
import { writeGeneratedCsv } from './support/generated-csv.ts';
import { interleave, printRatio } from './support/interleave.ts';
import { startProcess, type MeasuringProcess } from './support/measuring-process.ts';
import { runStage } from './support/preprocess-stage.ts';
import { runS3 } from './support/s3-process.ts';

/**
 * `npm run bench:preprocess`: seconds from S3 to S3 for 2 M rows of 12 columns, against pandas doing the same steps, and the peak
 * memory of the process at 2 M and at 20 M rows. `BENCH_LARGE_ROWS=0` leaves the second out: it needs 12 GB of disk and minutes.
 */
const ROWS = 2_000_000;
const LARGE_ROWS = Number(process.env['BENCH_LARGE_ROWS'] ?? 20_000_000);
const ROUNDS = 3;

const HINT =
  'pandas is compared with where `python3 -c "import pandas, pyarrow"` works, or PYTHON names an interpreter where it does: ' +
  'python3 -m venv .venv && .venv/bin/pip install pandas pyarrow && PYTHON=.venv/bin/python npm run bench:preprocess';

const self = fileURLToPath(import.meta.url);

async function upload(folder: string, rows: number): Promise<void> {
  const file = join(folder, 'generated.csv');
  await writeGeneratedCsv(file, rows);
  console.error(`${rows} rows, ${Math.round((await stat(file)).size / 1e6)} MB`);
  const storage = createS3Storage(createS3Client());
  await storage.putStream('dataset', 'b.csv', createReadStream(file), 'text/csv');
  await rm(file);
}

const stage = (): Promise<MeasuringProcess | undefined> => startProcess(process.execPath, [self, 'stage']);

async function compareTime(): Promise<void> {
  const ours = await stage();
  if (ours === undefined) throw new Error('expected the stage to start');
  const name = `preprocess ${ROWS} rows x 12 columns, S3 to S3`;
  const theirs = await startProcess(process.env['PYTHON'] ?? 'python3', ['bench/pandas/preprocess.py']);
  const seconds = async (of: MeasuringProcess): Promise<number> => (await of.measure()).seconds;
  if (theirs === undefined) {
    console.error(HINT);
    const times = [await seconds(ours), await seconds(ours)];
    console.log(JSON.stringify({ name, ours: Math.min(...times), unit: 's' }));
  } else
    await interleave({
      name,
      unit: 's',
      ours: { name: 'flts', measure: () => seconds(ours) },
      theirs: { name: 'pandas', measure: () => seconds(theirs) },
      rounds: ROUNDS,
    });
  ours.close();
  theirs?.close();
}

/** MB at most resident in a process that preprocesses once. */
async function peakMemory(): Promise<number> {
  const once = await stage();
  if (once === undefined) throw new Error('expected the stage to start');
  const { seconds, peak_mb } = await once.measure();
  once.close();
  console.error(`${seconds.toFixed(1)} s, ${peak_mb} MB`);
  return peak_mb ?? NaN;
}

async function bench(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'flts-bench-'));
  const s3 = await startProcess(process.execPath, [self, 's3', join(folder, 's3')]);
  if (s3 === undefined) throw new Error('expected the stand-in for S3 to start');
  Object.assign(process.env, s3.environment, { TMPDIR: folder });
  try {
    await upload(folder, ROWS);
    await compareTime();
    const small = await peakMemory();
    if (LARGE_ROWS === 0) return;
    await upload(folder, LARGE_ROWS);
    const large = await peakMemory();
    const name = `preprocess, peak memory of the process, ${LARGE_ROWS} rows against ${ROWS}`;
    printRatio({ name, unit: 'MB', against: `${ROWS} rows`, ours: large, theirs: small });
  } finally {
    s3.close();
    await rm(folder, { recursive: true, force: true });
  }
}

const [, , mode, directory = ''] = process.argv;
if (mode === 'stage') await runStage();
else if (mode === 's3') await runS3(directory);
else await bench();
