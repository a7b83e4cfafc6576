// A batch that cannot be read, as one message: kafkajs tells a codec neither the partition nor the offset, and wants as many
// records as the batch says there are. It gets them, and those made here are known again by their memory.
import type { KafkaMessage } from 'kafkajs';
import {
  BATCH_HEADER_BYTES,
  readBatchHeader,
  type BatchHeader,
} from '../../../kafka/src/protocol/record-batch.ts';
import { encodeRecords } from '../../../kafka/src/protocol/records.ts';
import { EventSourceError } from '../errors.ts';

export interface UnreadableBatch {
  readonly firstOffset: number;
  readonly lastOffset: number;
  readonly reason: string;
}

interface EnclosingBatch {
  readonly header: BatchHeader;
  /** All of it, as it lies in the log. */
  readonly bytes: Buffer;
}

/** Beyond, even messages without a content would take gigabytes. */
const MOST_RECORDS = 2 ** 20;

/** No headers, encoded. */
const NONE = Buffer.alloc(1);

const standIns = new WeakMap<ArrayBufferLike, UnreadableBatch>();

/** The batch that packed records are a view of; undefined where they are of Kafka's older formats, or were copied. */
export function enclosingBatch(packed: Buffer, codec: number): EnclosingBatch | undefined {
  const start = packed.byteOffset - BATCH_HEADER_BYTES;
  if (start < 0) return undefined;
  const bytes = Buffer.from(packed.buffer, start, BATCH_HEADER_BYTES + packed.length);
  const header = readBatchHeader(bytes);
  const isEnclosing = typeof header !== 'string' && header.size === bytes.length && header.codec === codec;
  return isEnclosing ? { header, bytes } : undefined;
}

/**
 * Records in place of those that cannot be read, all at the batch's last offset, so that reading goes on behind it. The last
 * one has the batch as its value, the others are empty.
 * @throws RangeError where there would be too many
 */
export function standInFor({ header, bytes }: EnclosingBatch, reason: string): Buffer {
  const { baseOffset, lastOffsetDelta, recordCount } = header;
  if (recordCount > MOST_RECORDS)
    throw new RangeError(
      `expected at most ${MOST_RECORDS} records in a batch, got ${recordCount}: ${reason}`,
    );
  const encode = (value: Buffer): Buffer =>
    encodeRecords([
      {
        attributes: 0,
        timestampDelta: 0,
        offsetDelta: lastOffsetDelta,
        key: undefined,
        value,
        headers: NONE,
      },
    ]);
  const [empty, whole] = [encode(Buffer.alloc(0)), encode(bytes)];
  const emptyBytes = empty.length * (recordCount - 1);
  // Memory of its own, which alloc gives and concat may not.
  const standIn = Buffer.alloc(emptyBytes + whole.length).fill(empty, 0, emptyBytes);
  whole.copy(standIn, emptyBytes);
  const firstOffset = Number(baseOffset);
  standIns.set(standIn.buffer, { firstOffset, lastOffset: firstOffset + lastOffsetDelta, reason });
  return standIn;
}

/** What a message stands for; undefined for a record that was read. */
export function unreadableBatch({ value }: KafkaMessage): UnreadableBatch | undefined {
  return value === null ? undefined : standIns.get(value.buffer);
}

/** Records that were read, and of a batch that was not the one message that holds it. */
export function worthHandling(messages: readonly KafkaMessage[]): readonly KafkaMessage[] {
  return messages.filter((message) => message.value?.length !== 0 || unreadableBatch(message) === undefined);
}

export function unreadableError({ firstOffset, lastOffset, reason }: UnreadableBatch): EventSourceError {
  return new EventSourceError(
    `expected a batch that can be read at offsets ${firstOffset} to ${lastOffset}, got: ${reason}`,
    { name: 'BatchUnreadable', code: 'BATCH_UNREADABLE', retryable: false },
  );
}
