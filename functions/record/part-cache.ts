import type { Storage } from '../shared/storage/storage.ts';
import { BUCKETS } from '../shared/topics.ts';
import type { Part } from './day-parts.ts';
import { keysOf } from './result-line.ts';

/** What one version of a part holds. */
export interface PartContent {
  readonly keys: ReadonlySet<string>;
  /** undefined where the part is full and its text of no more use. */
  readonly text: string | undefined;
}

/** Contents of parts by key and ETag, the ones used last; what it forgets is read again. */
export class PartCache {
  readonly #contents = new Map<string, PartContent>();
  readonly #capacity: number;

  /** Parts kept at most; default 64 (a part's keys take about 200 kB). */
  constructor(capacity = 64) {
    this.#capacity = capacity;
  }

  /** undefined where the part has changed since it was listed. `withText`: the text is needed, to append to it. */
  async read(storage: Storage, part: Part, withText: boolean): Promise<PartContent | undefined> {
    const name = nameOf(part);
    const cached = this.#contents.get(name);
    if (cached !== undefined && (!withText || cached.text !== undefined)) {
      this.remember(part, cached);
      return cached;
    }
    const stored = await storage.get(BUCKETS.inferenceLogs, part.key);
    if (stored?.etag !== part.etag) return undefined;
    const text = Buffer.from(stored.body).toString('utf8');
    const content = { keys: keysOf(text), text: withText ? text : undefined };
    this.remember(part, content);
    return content;
  }

  remember(part: { readonly key: string; readonly etag: string }, content: PartContent): void {
    const name = nameOf(part);
    this.#contents.delete(name);
    this.#contents.set(name, content);
    const [oldest] = this.#contents.keys();
    if (this.#contents.size > this.#capacity && oldest !== undefined) this.#contents.delete(oldest);
  }
}

function nameOf({ key, etag }: { readonly key: string; readonly etag: string }): string {
  return `${etag} ${key}`;
}
