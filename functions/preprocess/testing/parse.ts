import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SourceTable } from '../../shared/dataset/source-table.ts';
import type { DateFormat, DuplicateSetting } from '../../shared/dataset/rules.ts';
import { createMemoryStorage } from '../../shared/storage/memory-storage.ts';
import { createSpill } from '../columns/spill.ts';
import { download } from '../source/download.ts';
import { formatOfKey } from '../source/format.ts';
import { FORMATS } from '../source/formats.ts';
import { inOrder } from '../source/in-order.ts';
import { inMemory } from './in-memory.ts';

/** Uploads and parses `body` as dataset/x.csv, or under another name. */
export async function parse(
  body: string | Uint8Array,
  indexColumn?: string,
  duplicates?: DuplicateSetting,
  { key = 'x.csv', dateFormat }: { readonly key?: string; readonly dateFormat?: DateFormat } = {},
): Promise<SourceTable> {
  const storage = createMemoryStorage();
  await storage.put('dataset', key, body);
  const folder = await mkdtemp(join(tmpdir(), 'flts-parse-'));
  const spill = createSpill(folder);
  try {
    const { file } = await download(storage, { bucket: 'dataset', key }, join(folder, 'x'));
    const source = { file, place: `dataset/${key}`, indexColumn, duplicates, dateFormat };
    const parsed = await FORMATS[formatOfKey(key)].parse(source, { spill });
    return inMemory(await inOrder(parsed, source, spill));
  } finally {
    spill.close();
    await rm(folder, { recursive: true, force: true });
  }
}
