// What was fetched of a partition and not yet handed to the function: the records that its filter lets through.
import type { RecordFilter } from '../filter/record-filter.ts';
import type { PartitionSource } from '../kafka/partition-source.ts';
import type { KafkaRecord } from '../kafka/record.ts';

export class RecordBuffer {
  readonly #source: PartitionSource;
  readonly #filter: RecordFilter;
  #records: KafkaRecord[] = [];
  /** The offset after what was fetched last, filtered or not. */
  #fetchedTo: number | undefined;

  /** @param filter by default every record passes. */
  constructor(source: PartitionSource, filter: RecordFilter = () => true) {
    this.#source = source;
    this.#filter = filter;
  }

  get records(): readonly KafkaRecord[] {
    return this.#records;
  }

  /** Below it every fetched record was taken or filtered; undefined before the first fetch. */
  get end(): number | undefined {
    return this.#records[0]?.offset ?? this.#fetchedTo;
  }

  /** @param timeoutMs as long as it takes by default. */
  async fetch(timeoutMs?: number): Promise<void> {
    const fetched = await this.#source.pull(timeoutMs);
    this.#fetchedTo = this.#source.pulledTo;
    // What nobody can read is given up, not filtered out.
    this.#records.push(
      ...fetched.filter((record) => record.unreadable !== undefined || this.#filter(record.value)),
    );
  }

  take(count: number): readonly KafkaRecord[] {
    return this.#records.splice(0, count);
  }
}
