import { CODES } from '../errors.ts';
import type { PartitionLog } from '../log/partition-log.ts';
import type { Api } from './api.ts';

const LATEST = -1n;
const EARLIEST = -2n;

export const listOffsets: Api = {
  key: 2,
  min: 1,
  max: 3,
  handle: (reader, writer, state, { version }) => {
    reader.int32();
    if (version >= 2) reader.int8();
    const topics = reader.array(() => ({
      name: reader.string(),
      partitions: reader.array(() => ({ index: reader.int32(), timestamp: reader.int64() })),
    }));
    if (version >= 2) writer.int32(0);
    writer.array(topics, ({ name, partitions }) => {
      writer.string(name).array(partitions, ({ index, timestamp }) => {
        const log = state.topics.partition(name, index)?.log;
        const found =
          log === undefined
            ? { code: CODES.UNKNOWN_TOPIC_OR_PARTITION, offset: -1n, timestamp: -1n }
            : lookUp(log, timestamp);
        writer.int32(index).int16(found.code).int64(found.timestamp).int64(found.offset);
      });
    });
  },
};

function lookUp(log: PartitionLog, timestamp: bigint): { code: number; offset: bigint; timestamp: bigint } {
  if (timestamp === LATEST) return { code: CODES.NONE, offset: log.endOffset, timestamp: -1n };
  if (timestamp === EARLIEST) return { code: CODES.NONE, offset: log.startOffset, timestamp: -1n };
  if (timestamp < 0n) return { code: CODES.UNSUPPORTED_VERSION, offset: -1n, timestamp: -1n };
  return { code: CODES.NONE, ...(log.offsetAt(timestamp) ?? { offset: -1n, timestamp: -1n }) };
}
