// Which letters of a partition were put back: all below a mark, and ranges beyond it where a filter passed some over.
// Both fit a committed offset: the mark is the offset, the ranges are its metadata.

/** Kafka's default limit is 4,096 bytes. */
const METADATA_LIMIT = 4000;

type Range = readonly [from: number, to: number];

export class RedrivenOffsets {
  #mark: number;
  /** Inclusive, ascending, apart from each other and from the mark. */
  #ranges: Range[];

  /** @param metadata as `metadata` gave it; anything else counts as empty. */
  constructor(mark: number, metadata = '') {
    this.#mark = mark;
    this.#ranges = parseRanges(metadata).filter(([from]) => from >= mark);
    this.#advance();
  }

  get mark(): number {
    return this.#mark;
  }

  /** Such as `7,9-12`. */
  get metadata(): string {
    return this.#ranges.map(([from, to]) => (from === to ? String(from) : `${from}-${to}`)).join();
  }

  /** Whether Kafka takes the metadata. */
  get fits(): boolean {
    return this.metadata.length <= METADATA_LIMIT;
  }

  /** How many offsets below `end` are not marked. */
  left(end: number): number {
    const beyond = this.#ranges.reduce((sum, [from, to]) => sum + to - from + 1, 0);
    return Math.max(0, end - this.#mark - beyond);
  }

  has(offset: number): boolean {
    return offset < this.#mark || this.#ranges.some(([from, to]) => offset >= from && offset <= to);
  }

  /** @param offsets ascending. */
  with(offsets: readonly number[]): RedrivenOffsets {
    const next = new RedrivenOffsets(this.#mark);
    const added = offsets.filter((offset) => !this.has(offset)).map((offset): Range => [offset, offset]);
    next.#ranges = merge([...this.#ranges, ...added].toSorted(([a], [b]) => a - b));
    next.#advance();
    return next;
  }

  #advance(): void {
    while (this.#ranges[0]?.[0] === this.#mark) this.#mark = (this.#ranges.shift()?.[1] ?? this.#mark) + 1;
  }
}

function merge(ranges: readonly Range[]): Range[] {
  const merged: Range[] = [];
  for (const [from, to] of ranges) {
    const last = merged.at(-1);
    if (last !== undefined && last[1] + 1 >= from)
      merged[merged.length - 1] = [last[0], Math.max(to, last[1])];
    else merged.push([from, to]);
  }
  return merged;
}

function parseRanges(metadata: string): Range[] {
  if (!/^\d+(-\d+)?(,\d+(-\d+)?)*$/.test(metadata)) return [];
  return metadata.split(',').map((text): Range => {
    const [from = '', to = from] = text.split('-');
    return [Number(from), Number(to)];
  });
}
