import { createHash } from 'node:crypto';

/** Longer keys are told apart by their SHA-256, so that each takes as much memory as any other. */
const LONGEST_KEY_BYTES = 31;

/** Which record of a key is the last one, for a bounded number of keys: about 100 bytes of memory each. */
export class LatestOffsets {
  readonly #offsets = new Map<string, number>();

  get size(): number {
    return this.#offsets.size;
  }

  /** To be called in the order of the offsets. */
  saw(key: Buffer, offset: number): void {
    this.#offsets.set(nameOf(key), offset);
  }

  /** Whether a later record of the same key was seen. */
  supersedes(key: Buffer, offset: number): boolean {
    return (this.#offsets.get(nameOf(key)) ?? -1) > offset;
  }
}

function nameOf(key: Buffer): string {
  if (key.length <= LONGEST_KEY_BYTES) return key.toString('latin1');
  return createHash('sha256').update(key).digest('binary');
}
