// One partition while this process owns it: records are pulled from it, and offsets committed to it.
import type { KafkaRecord } from './record.ts';

/** What a partition asks of the consumer that fetches for it. */
export interface PartitionPort {
  readonly pause: () => void;
  readonly resume: () => void;
  /** Resolves to false when the partition was lost, so that nothing was committed. */
  readonly commit: (source: PartitionSource, offset: number) => Promise<boolean>;
}

/** Bytes of records fetched ahead of the pulls from which on the partition is paused. */
const READ_AHEAD_BYTES = 64 * 1024;
/** Offset, timestamp and the like. */
const BYTES_BESIDE = 64;

export class PartitionSource {
  readonly topic: string;
  readonly partition: number;
  readonly #port: PartitionPort;
  readonly #closing = new AbortController();
  #owned = true;
  #deliver: ((records: readonly KafkaRecord[]) => void) | undefined;
  #position: number | undefined;
  /** Fetched while no pull waited. */
  #ahead: KafkaRecord[] = [];
  #aheadBytes = 0;
  #pulledTo: number | undefined;
  #fetching = false;
  /** The group was joined anew since the records in hand were fetched: another member may have moved the offset. */
  #unverified = false;
  #baseline: number | undefined;

  constructor(topic: string, partition: number, port: PartitionPort) {
    this.topic = topic;
    this.partition = partition;
    this.#port = port;
  }

  /** Aborts when no new work may begin: the partition was lost, or the mapping stops. */
  get signal(): AbortSignal {
    return this.#closing.signal;
  }

  /** False once the partition was lost: what is in hand then belongs to another member. */
  get owned(): boolean {
    return this.#owned;
  }

  /** True while records are taken: from the first pull on, except while the read-ahead is full. */
  get fetching(): boolean {
    return this.#fetching && !this.signal.aborted;
  }

  /** The offset to fetch next, unknown before the first fetch. */
  get position(): number | undefined {
    return this.#position;
  }

  /** The offset after what was pulled last, unknown before the first fetch. */
  get pulledTo(): number | undefined {
    return this.#pulledTo;
  }

  get unverified(): boolean {
    return this.#unverified;
  }

  /** The offset below which this process knows everything to be handled. */
  get baseline(): number | undefined {
    return this.#baseline;
  }

  /**
   * Takes the next records: those fetched ahead, or else the next fetch's. kafkajs sleeps once it has nothing to fetch, so
   * the partition stays open between pulls, and is paused only while a bounded read-ahead is full.
   * @param timeoutMs resolves to an empty list after this many milliseconds; by default waits for as long as it takes.
   * An aborted signal gives an empty list as well.
   */
  pull(timeoutMs?: number): Promise<readonly KafkaRecord[]> {
    if (this.signal.aborted) return Promise.resolve([]);
    if (!this.#fetching) this.#open();
    if (this.#ahead.length > 0) return Promise.resolve(this.#takeAhead());
    return new Promise((resolve) => {
      let timer: NodeJS.Timeout | undefined;
      const finish = (records: readonly KafkaRecord[]): void => {
        clearTimeout(timer);
        this.signal.removeEventListener('abort', giveUp);
        this.#deliver = undefined;
        resolve(records);
      };
      const giveUp = (): void => finish([]);
      if (timeoutMs !== undefined) timer = setTimeout(giveUp, timeoutMs);
      this.signal.addEventListener('abort', giveUp, { once: true });
      this.#deliver = finish;
    });
  }

  /** Commits that every record below `offset` is handled. Resolves to false when the partition was lost. */
  async commit(offset: number): Promise<boolean> {
    const committed = await this.#port.commit(this, offset);
    if (committed) this.#baseline = offset;
    return committed;
  }

  /** Hands fetched records to the waiting pull, or keeps them for the next. `position` is the offset after them. */
  deliver(records: readonly KafkaRecord[], position: number): void {
    this.#position = position;
    this.#baseline ??= records[0]?.offset;
    if (this.#deliver === undefined) this.#keepAhead(records);
    else {
      this.#pulledTo = position;
      this.#deliver(records);
    }
  }

  rejoined(): void {
    this.#unverified = this.#position !== undefined;
  }

  verified(): void {
    this.#unverified = false;
  }

  /** Lets the batch in hand finish and be committed, but begins nothing new. */
  close(): void {
    if (this.#owned) this.#port.pause();
    this.#closing.abort();
  }

  lose(): void {
    this.#owned = false;
    this.#closing.abort();
  }

  #open(): void {
    this.#fetching = true;
    this.#port.resume();
  }

  #takeAhead(): readonly KafkaRecord[] {
    const taken = this.#ahead;
    this.#ahead = [];
    this.#aheadBytes = 0;
    this.#pulledTo = this.#position;
    return taken;
  }

  #keepAhead(records: readonly KafkaRecord[]): void {
    for (const record of records) {
      this.#ahead.push(record);
      this.#aheadBytes += BYTES_BESIDE + (record.key?.length ?? 0) + (record.value?.length ?? 0);
    }
    if (this.#aheadBytes < READ_AHEAD_BYTES) return;
    this.#fetching = false;
    this.#port.pause();
  }
}
