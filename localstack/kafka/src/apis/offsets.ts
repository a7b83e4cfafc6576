import { CODES } from '../errors.ts';
import type { Api } from './api.ts';

/** Bytes of metadata a committed offset may carry. */
const MAX_METADATA = 4096;

export const offsetCommit: Api = {
  key: 8,
  min: 5,
  max: 5,
  handle: (reader, writer, state) => {
    const [groupId, generation, memberId] = [reader.string(), reader.int32(), reader.string()];
    const topics = reader.array(() => ({
      name: reader.string(),
      partitions: reader.array(() => ({
        index: reader.int32(),
        offset: reader.int64(),
        metadata: reader.nullableString() ?? '',
      })),
    }));
    const refused = state.groups.get(groupId)?.mayCommit(memberId, generation) ?? withoutGroup(memberId);
    const taken: { topic: string; partition: number; offset: string; metadata: string }[] = [];
    writer.int32(0).array(topics, ({ name, partitions }) => {
      writer.string(name).array(partitions, ({ index, offset, metadata }) => {
        let code = refused;
        if (code === CODES.NONE && state.topics.partition(name, index) === undefined)
          code = CODES.UNKNOWN_TOPIC_OR_PARTITION;
        if (code === CODES.NONE && Buffer.byteLength(metadata) > MAX_METADATA)
          code = CODES.OFFSET_METADATA_TOO_LARGE;
        if (code === CODES.NONE)
          taken.push({ topic: name, partition: index, offset: String(offset), metadata });
        writer.int32(index).int16(code);
      });
    });
    if (taken.length > 0) state.offsets.commit(groupId, taken);
  },
};

/** A group that has no members yet is committed for by an admin client alone. */
function withoutGroup(memberId: string): number {
  return memberId === '' ? CODES.NONE : CODES.UNKNOWN_MEMBER_ID;
}

export const offsetFetch: Api = {
  key: 9,
  min: 4,
  max: 4,
  handle: (reader, writer, state) => {
    const groupId = reader.string();
    const asked = reader.nullableArray(() => ({
      name: reader.string(),
      partitions: reader.array(() => reader.int32()),
    }));
    const topics =
      asked ?? [...state.offsets.topicsOf(groupId)].map(([name, partitions]) => ({ name, partitions }));
    writer.int32(0).array(topics, ({ name, partitions }) => {
      writer.string(name).array(partitions, (index) => {
        const found = state.offsets.get(groupId, name, index);
        writer
          .int32(index)
          .int64(BigInt(found?.offset ?? -1))
          .string(found?.metadata ?? '')
          .int16(CODES.NONE);
      });
    });
    writer.int16(CODES.NONE);
  },
};
