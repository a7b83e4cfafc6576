import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SourceTable } from '../../shared/dataset/source-table.ts';
import type { Understood } from '../../shared/dataset/report.ts';
import type { DuplicateSetting } from '../../shared/dataset/rules.ts';
import { createMemoryStorage } from '../../shared/storage/memory-storage.ts';
import { createSpill } from '../columns/spill.ts';
import { download } from '../source/download.ts';
import { inOrder } from '../source/in-order.ts';
import { parseSource, type HowToRead } from '../source/parse-sources.ts';
import { inMemory } from './in-memory.ts';

/** Uploads and parses `body` as dataset/x.csv, or under another name. */
export async function parse(
  body: string | Uint8Array,
  indexColumn?: string,
  duplicates?: DuplicateSetting,
  { key = 'x.csv', ...how }: { readonly key?: string } & HowToRead = {},
): Promise<SourceTable & { readonly understood: readonly Understood[] }> {
  const storage = createMemoryStorage();
  await storage.put('dataset', key, body);
  const folder = await mkdtemp(join(tmpdir(), 'flts-parse-'));
  const spill = createSpill(folder);
  try {
    const source = await download(storage, { bucket: 'dataset', key }, join(folder, 'x'));
    const parsed = await parseSource(source, { ...how, indexColumn }, { spill, tell: () => {} });
    const ordered = await inOrder(parsed, { duplicates }, spill);
    return { ...inMemory(ordered), understood: ordered.understood ?? [] };
  } finally {
    spill.close();
    await rm(folder, { recursive: true, force: true });
  }
}
