import { ServiceError } from '../shared/errors.ts';
import type { PutOptions, Storage } from '../shared/storage/storage.ts';
import { BUCKETS } from '../shared/topics.ts';
import { dayFolder, listParts, partKey, type Part } from './day-parts.ts';
import type { PartCache, PartContent } from './part-cache.ts';
import type { NewLine } from './result-line.ts';

/** Bytes: a part that is larger is never written again. */
export const PART_LIMIT = 1_000_000;
/** Each lost round means that a rival wrote; a hundred in a row means that something else is wrong. */
const MAX_ROUNDS = 100;

export interface Appended {
  readonly written: number;
  readonly duplicates: number;
}

/**
 * Appends lines of one identifier and day that are not there yet, by compare-and-swap: every write is conditional on
 * the last part seen, so two writers at once lose nothing and write nothing twice.
 * @throws ServiceError object_changed (retryable) where rivals were always first
 */
export async function appendLines(
  storage: Storage,
  cache: PartCache,
  lines: readonly NewLine[],
): Promise<Appended> {
  const [first] = lines;
  if (first === undefined) return { written: 0, duplicates: 0 };
  const folder = dayFolder(first.identifier, first.day);
  let waiting: readonly NewLine[] = distinct(lines);
  let written = 0;
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const day = await readDay(storage, cache, folder);
    if (day === undefined) continue;
    waiting = waiting.filter(({ key }) => !day.keys.has(key));
    const count = waiting.length === 0 ? 0 : await writePart(storage, cache, { folder, day, lines: waiting });
    written += count;
    waiting = waiting.slice(count);
    if (waiting.length === 0) return { written, duplicates: lines.length - written };
  }
  throw new ServiceError(
    'object_changed',
    `expected to append to ${BUCKETS.inferenceLogs}/${folder} within ${MAX_ROUNDS} rounds, got a rival's write in each`,
  );
}

function distinct(lines: readonly NewLine[]): NewLine[] {
  return [...new Map(lines.toReversed().map((line) => [line.key, line])).values()].toReversed();
}

interface Day {
  /** The part to append to; undefined where a new one is due. */
  readonly open: { readonly part: Part; readonly content: PartContent } | undefined;
  readonly next: number;
  /** Of all parts. */
  readonly keys: ReadonlySet<string>;
}

/** undefined where a part changed while the day was read. */
async function readDay(storage: Storage, cache: PartCache, folder: string): Promise<Day | undefined> {
  const parts = await listParts(storage, folder);
  const keys = new Set<string>();
  let open: Day['open'];
  for (const part of parts) {
    const isOpen = part === parts.at(-1) && part.size <= PART_LIMIT;
    const content = await cache.read(storage, part, isOpen);
    if (content === undefined) return undefined;
    for (const key of content.keys) keys.add(key);
    if (isOpen) open = { part, content };
  }
  return { open, next: (parts.at(-1)?.number ?? 0) + 1, keys };
}

interface PartWrite {
  readonly folder: string;
  readonly day: Day;
  /** At least one. */
  readonly lines: readonly NewLine[];
}

/** Writes as many lines as the part takes; how many: 0 where a rival was first. */
async function writePart(
  storage: Storage,
  cache: PartCache,
  { folder, day: { open, next }, lines }: PartWrite,
): Promise<number> {
  const key = open?.part.key ?? partKey(folder, next);
  const before = withLineEnd(open?.content.text ?? '');
  const fitting = fittingLines(lines, Buffer.byteLength(before));
  const text = `${before}${fitting.map((line) => `${line.text}\n`).join('')}`;
  const condition: PutOptions = open === undefined ? { ifNoneMatch: true } : { ifMatch: open.part.etag };
  const result = await storage.put(BUCKETS.inferenceLogs, key, text, {
    contentType: 'application/x-ndjson',
    ...condition,
  });
  if (!result.written) return 0;
  const keys = new Set([...(open?.content.keys ?? []), ...fitting.map((line) => line.key)]);
  const isFull = Buffer.byteLength(text) > PART_LIMIT;
  cache.remember({ key, etag: result.etag }, { keys, text: isFull ? undefined : text });
  return fitting.length;
}

/** Lines until the part is past its limit, which the last of them may cross; at least one. */
function fittingLines(lines: readonly NewLine[], size: number): NewLine[] {
  const fitting: NewLine[] = [];
  let total = size;
  for (const line of lines) {
    if (total > PART_LIMIT) break;
    fitting.push(line);
    total += Buffer.byteLength(line.text) + 1;
  }
  return fitting;
}

function withLineEnd(text: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}\n`;
}
