import { compareKeys } from './key-order.ts';
import type { ObjectMeta } from './object-meta.ts';

/** All keys of a bucket in listing order, with their metadata, in memory. */
export class KeyIndex {
  readonly #metas = new Map<string, ObjectMeta>();
  #keys: string[];

  constructor(metas: Iterable<ObjectMeta> = []) {
    for (const meta of metas) this.#metas.set(meta.key, meta);
    this.#keys = [...this.#metas.keys()].sort(compareKeys);
  }

  get size(): number {
    return this.#keys.length;
  }

  all(): Iterable<ObjectMeta> {
    return this.#metas.values();
  }

  get(key: string): ObjectMeta | undefined {
    return this.#metas.get(key);
  }

  set(meta: ObjectMeta): void {
    if (!this.#metas.has(meta.key)) this.#keys.splice(this.lowerBound(meta.key), 0, meta.key);
    this.#metas.set(meta.key, meta);
  }

  delete(key: string): void {
    if (this.#metas.delete(key)) this.#keys.splice(this.lowerBound(key), 1);
  }

  keyAt(position: number): string | undefined {
    return this.#keys[position];
  }

  /** Position of the first key not below `key`. */
  lowerBound(key: string): number {
    return this.#firstWhere((candidate) => compareKeys(candidate, key) >= 0);
  }

  /** Position of the first key above `key`. */
  upperBound(key: string): number {
    return this.#firstWhere((candidate) => compareKeys(candidate, key) > 0);
  }

  /** Position after the last key that starts with `prefix`. */
  afterPrefix(prefix: string): number {
    return this.#firstWhere(
      (candidate) => compareKeys(candidate, prefix) > 0 && !candidate.startsWith(prefix),
    );
  }

  /** `holds` must be false up to some position and true from there on. */
  #firstWhere(holds: (key: string) => boolean): number {
    let low = 0;
    let high = this.#keys.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const key = this.#keys[middle];
      if (key !== undefined && holds(key)) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
