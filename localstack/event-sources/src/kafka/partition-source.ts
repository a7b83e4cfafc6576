// One partition while this process owns it: records are pulled from it, and offsets committed to it.
import type { KafkaRecord } from './record.ts';

/** What a partition asks of the consumer that fetches for it. */
export interface PartitionPort {
  readonly pause: () => void;
  readonly resume: () => void;
  /** Resolves to false when the partition was lost, so that nothing was committed. */
  readonly commit: (source: PartitionSource, offset: number) => Promise<boolean>;
}

export class PartitionSource {
  readonly topic: string;
  readonly partition: number;
  readonly #port: PartitionPort;
  readonly #closing = new AbortController();
  #owned = true;
  #deliver: ((records: readonly KafkaRecord[]) => void) | undefined;
  #position: number | undefined;
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

  /** True while a pull waits for records. */
  get wanting(): boolean {
    return this.#deliver !== undefined;
  }

  /** The offset to fetch next, unknown before the first fetch. */
  get position(): number | undefined {
    return this.#position;
  }

  get unverified(): boolean {
    return this.#unverified;
  }

  /** The offset below which this process knows everything to be handled. */
  get baseline(): number | undefined {
    return this.#baseline;
  }

  /**
   * Fetches the next records; the partition is paused except while a pull waits.
   * @param timeoutMs resolves to an empty list after this many milliseconds; by default waits for as long as it takes.
   * An aborted signal gives an empty list as well.
   */
  pull(timeoutMs?: number): Promise<readonly KafkaRecord[]> {
    if (this.signal.aborted) return Promise.resolve([]);
    return new Promise((resolve) => {
      let timer: NodeJS.Timeout | undefined;
      const finish = (records: readonly KafkaRecord[]): void => {
        clearTimeout(timer);
        this.signal.removeEventListener('abort', giveUp);
        this.#deliver = undefined;
        resolve(records);
      };
      const giveUp = (): void => {
        if (this.#owned) this.#port.pause();
        finish([]);
      };
      if (timeoutMs !== undefined) timer = setTimeout(giveUp, timeoutMs);
      this.signal.addEventListener('abort', giveUp, { once: true });
      this.#deliver = finish;
      this.#port.resume();
    });
  }

  /** Commits that every record below `offset` is handled. Resolves to false when the partition was lost. */
  async commit(offset: number): Promise<boolean> {
    const committed = await this.#port.commit(this, offset);
    if (committed) this.#baseline = offset;
    return committed;
  }

  /** Hands fetched records to the waiting pull. `position` is the offset after them. */
  deliver(records: readonly KafkaRecord[], position: number): void {
    this.#position = position;
    this.#baseline ??= records[0]?.offset;
    this.#deliver?.(records);
  }

  rejoined(): void {
    this.#unverified = this.#position !== undefined;
  }

  verified(): void {
    this.#unverified = false;
  }

  /** Lets the batch in hand finish and be committed, but begins nothing new. */
  close(): void {
    this.#closing.abort();
  }

  lose(): void {
    this.#owned = false;
    this.#closing.abort();
  }
}
