import type { ObjectInfo, Storage } from '../shared/storage/storage.ts';
import { BUCKETS } from '../shared/topics.ts';

/** A file of one day: results.jsonl is number 1, results-0002.jsonl number 2. */
export interface Part extends ObjectInfo {
  readonly number: number;
}

export function dayFolder(identifier: string, day: string): string {
  return `${identifier}/${day}/`;
}

export function partKey(folder: string, number: number): string {
  return `${folder}results${number === 1 ? '' : `-${String(number).padStart(4, '0')}`}.jsonl`;
}

/** All parts of a day, by number. */
export async function listParts(storage: Storage, folder: string): Promise<Part[]> {
  const parts: Part[] = [];
  for await (const info of storage.list(BUCKETS.inferenceLogs, `${folder}results`)) {
    const [name, digits] = /^results(?:-(\d{4,}))?\.jsonl$/u.exec(info.key.slice(folder.length)) ?? [];
    if (name !== undefined) parts.push({ ...info, number: digits === undefined ? 1 : Number(digits) });
  }
  return parts.toSorted((a, b) => a.number - b.number);
}
