import { CODES } from '../errors.ts';
import type { Api } from './api.ts';

export const createTopics: Api = {
  key: 19,
  min: 2,
  max: 4,
  handle: (reader, writer, state) => {
    const topics = reader.array(() => ({
      name: reader.string(),
      partitions: reader.int32(),
      replication: reader.int16(),
      assignments: reader.array(() => [reader.int32(), reader.array(() => reader.int32())]),
      config: Object.fromEntries(
        reader.array(() => [reader.string(), reader.nullableString() ?? ''] as const),
      ),
    }));
    reader.int32();
    const validateOnly = reader.boolean();
    writer.int32(0).array(topics, ({ name, partitions, replication, assignments, config }) => {
      const count =
        assignments.length > 0
          ? assignments.length
          : partitions === -1
            ? state.defaultPartitions
            : partitions;
      const code =
        replication > 1 || replication === 0 || replication < -1
          ? CODES.INVALID_REPLICATION_FACTOR
          : validateOnly
            ? state.topics.problem(name, count)
            : state.topics.create(name, count, config);
      writer
        .string(name)
        .int16(code)
        .string(
          code === CODES.INVALID_REPLICATION_FACTOR
            ? `expected replication factor 1, got ${replication}`
            : null,
        );
    });
  },
};

export const deleteTopics: Api = {
  key: 20,
  min: 1,
  max: 1,
  handle: (reader, writer, state) => {
    const names = reader.array(() => reader.string());
    reader.int32();
    writer.int32(0).array(names, (name) => {
      const code = state.topics.delete(name);
      // A later topic of this name begins at 0, and its consumers with it.
      if (code === CODES.NONE) state.offsets.deleteTopic(name);
      writer.string(name).int16(code);
    });
    state.appended();
  },
};

export const createPartitions: Api = {
  key: 37,
  min: 0,
  max: 1,
  handle: (reader, writer, state) => {
    const topics = reader.array(() => ({
      name: reader.string(),
      count: reader.int32(),
      assignments: reader.nullableArray(() => reader.array(() => reader.int32())),
    }));
    reader.int32();
    const validateOnly = reader.boolean();
    writer.int32(0).array(topics, ({ name, count }) =>
      writer
        .string(name)
        .int16(validateOnly ? CODES.NONE : state.topics.grow(name, count))
        .string(null),
    );
  },
};

const HIGH_WATERMARK = -1n;

export const deleteRecords: Api = {
  key: 21,
  min: 0,
  max: 1,
  handle: (reader, writer, state) => {
    const topics = reader.array(() => ({
      name: reader.string(),
      partitions: reader.array(() => ({ index: reader.int32(), offset: reader.int64() })),
    }));
    reader.int32();
    writer.int32(0).array(topics, ({ name, partitions }) => {
      writer.string(name).array(partitions, ({ index, offset }) => {
        const partition = state.topics.partition(name, index);
        const log = partition?.log;
        const start = log !== undefined && offset === HIGH_WATERMARK ? log.endOffset : offset;
        const code =
          log === undefined
            ? CODES.UNKNOWN_TOPIC_OR_PARTITION
            : partition?.deletes === false
              ? CODES.POLICY_VIOLATION
              : start < 0n || start > log.endOffset
                ? CODES.OFFSET_OUT_OF_RANGE
                : CODES.NONE;
        if (log !== undefined && code === CODES.NONE && start > log.startOffset) log.trim(start);
        writer
          .int32(index)
          .int64(log?.startOffset ?? -1n)
          .int16(code);
      });
    });
  },
};

const TOPIC_RESOURCE = 2;
const DYNAMIC_TOPIC_CONFIG = 1;

export const describeConfigs: Api = {
  key: 32,
  min: 1,
  max: 2,
  handle: (reader, writer, state) => {
    const resources = reader.array(() => ({
      type: reader.int8(),
      name: reader.string(),
      keys: reader.nullableArray(() => reader.string()),
    }));
    reader.boolean();
    writer.int32(0).array(resources, ({ type, name, keys }) => {
      const topic = type === TOPIC_RESOURCE ? state.topics.get(name) : undefined;
      const code =
        type === TOPIC_RESOURCE && topic === undefined ? CODES.UNKNOWN_TOPIC_OR_PARTITION : CODES.NONE;
      const entries = [...(topic?.config ?? [])].filter(([key]) => keys === null || keys.includes(key));
      writer.int16(code).string(null).int8(type).string(name);
      writer.array(entries, ([key, value]) =>
        writer
          .string(key)
          .string(value)
          .boolean(false)
          .int8(DYNAMIC_TOPIC_CONFIG)
          .boolean(false)
          .array([], () => {}),
      );
    });
  },
};
