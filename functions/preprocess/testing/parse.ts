import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SourceTable } from '../../shared/dataset/source-table.ts';
import type { DuplicateRule } from '../../shared/dataset/rules.ts';
import { createMemoryStorage } from '../../shared/storage/memory-storage.ts';
import { createSpill } from '../columns/spill.ts';
import { readCsv } from '../csv/read-csv.ts';
import { download } from '../source/download.ts';
import { inMemory } from './in-memory.ts';

/** Uploads and parses `body` as dataset/x.csv. */
export async function parse(
  body: string | Uint8Array,
  indexColumn?: string,
  duplicates?: DuplicateRule,
): Promise<SourceTable> {
  const storage = createMemoryStorage();
  await storage.put('dataset', 'x.csv', body);
  const folder = await mkdtemp(join(tmpdir(), 'flts-parse-'));
  const spill = createSpill(folder);
  try {
    const { file } = await download(storage, { bucket: 'dataset', key: 'x.csv' }, join(folder, 'x.csv'));
    const source = { file, place: 'dataset/x.csv', indexColumn, duplicates };
    return inMemory(await readCsv(source, { spill }));
  } finally {
    spill.close();
    await rm(folder, { recursive: true, force: true });
  }
}
