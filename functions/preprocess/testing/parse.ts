import { DuckDBInstance } from '@duckdb/node-api';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMemoryStorage } from '../../shared/storage/memory-storage.ts';
import { readCsv } from '../csv/read-csv.ts';
import { download } from '../source/download.ts';
import type { SourceTable } from '../../shared/dataset/source-table.ts';

/** Uploads and parses `body` as dataset/x.csv. */
export async function parse(body: string | Uint8Array, indexColumn?: string): Promise<SourceTable> {
  const storage = createMemoryStorage();
  await storage.put('dataset', 'x.csv', body);
  const folder = await mkdtemp(join(tmpdir(), 'flts-parse-'));
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  try {
    const { file } = await download(storage, { bucket: 'dataset', key: 'x.csv' }, join(folder, 'x.csv'));
    return await readCsv(await instance.connect(), { file, place: 'dataset/x.csv', indexColumn });
  } finally {
    instance.closeSync();
    await rm(folder, { recursive: true, force: true });
  }
}
