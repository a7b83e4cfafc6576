import { CODES } from '../errors.ts';
import { CODECS } from '../protocol/compression/decompress.ts';
import { crcMatches, readBatchHeader, type BatchHeader } from '../protocol/record-batch.ts';
import { decodeRecords } from '../protocol/records.ts';
import type { Api, BrokerState } from './api.ts';

/** Bytes of the largest batch taken. */
export const MAX_BATCH_BYTES = 1_048_588;
/** More than any client puts into one batch; what claims more would have consumers set aside gigabytes. */
const MAX_BATCH_RECORDS = 2 ** 20;

interface Stored {
  readonly code: number;
  readonly offset: bigint;
  readonly start: bigint;
}

export const produce: Api = {
  key: 0,
  min: 0,
  max: 7,
  handle: (reader, writer, state, { version }) => {
    if (version >= 3) reader.nullableString();
    const acks = reader.int16();
    reader.int32();
    const topics = reader.array(() => ({
      name: reader.string(),
      partitions: reader.array(() => ({
        index: reader.int32(),
        records: reader.nullableBytes() ?? Buffer.alloc(0),
      })),
    }));
    const refused = [0, 1, -1].includes(acks) ? CODES.NONE : CODES.INVALID_REQUIRED_ACKS;
    let failed = false;
    writer.array(topics, ({ name, partitions }) => {
      writer.string(name).array(partitions, ({ index, records }) => {
        const { code, offset, start } =
          refused === CODES.NONE ? store(state, { name, index, records }) : failure(refused);
        failed ||= code !== CODES.NONE;
        writer.int32(index).int16(code).int64(offset);
        if (version >= 2) writer.int64(-1);
        if (version >= 5) writer.int64(start);
      });
    });
    if (version >= 1) writer.int32(0);
    state.appended();
    if (acks !== 0) return undefined;
    // Nobody waits for an answer: the closed connection is how such a producer learns of an error.
    if (failed) throw new RangeError('a produce request with acks 0 failed');
    return false;
  },
};

function failure(code: number): Stored {
  return { code, offset: -1n, start: -1n };
}

function store(
  state: BrokerState,
  { name, index, records }: { name: string; index: number; records: Buffer },
): Stored {
  const partition = state.topics.partition(name, index);
  if (partition === undefined) return failure(CODES.UNKNOWN_TOPIC_OR_PARTITION);
  if (records.length > MAX_BATCH_BYTES) return failure(CODES.MESSAGE_TOO_LARGE);
  const header = readBatchHeader(records);
  if (
    typeof header === 'string' ||
    header.size !== records.length ||
    header.recordCount !== header.lastOffsetDelta + 1 ||
    header.recordCount > MAX_BATCH_RECORDS
  )
    return failure(CODES.INVALID_RECORD);
  if (!crcMatches(records, header.size)) return failure(CODES.CORRUPT_MESSAGE);
  if (header.codec === CODECS.none && decodeRecords(records, header) === undefined)
    return failure(CODES.INVALID_RECORD);
  if (partition.compacts && !hasKeys(records, header)) return failure(CODES.INVALID_RECORD);
  const verdict = partition.producers.judge(header);
  if (verdict.kind === 'refuse') return failure(verdict.code);
  const start = partition.log.startOffset;
  if (verdict.kind === 'duplicate') return { code: CODES.NONE, offset: verdict.offset, start };
  const offset = partition.log.append(records, header);
  partition.producers.record(header, offset);
  return { code: CODES.NONE, offset, start };
}

/** What compaction goes by: every record can be read and has a key. */
function hasKeys(batch: Buffer, header: BatchHeader): boolean {
  return decodeRecords(batch, header)?.every(({ key }) => key !== undefined) ?? false;
}
