import { CODES } from '../errors.ts';
import type { Reader } from '../protocol/reader.ts';
import type { Api, BrokerState } from './api.ts';

/** Bytes of records in one answer, whatever is asked for; Apache Kafka's own limit. */
const MAX_ANSWER_BYTES = 57_671_680;

interface Asked {
  readonly topic: string;
  readonly partition: number;
  readonly leaderEpoch: number;
  readonly offset: bigint;
  readonly maxBytes: number;
}

interface Found extends Asked {
  readonly code: number;
  readonly end: bigint;
  readonly start: bigint;
  readonly records: Buffer;
}

/** Long polling: waits for minBytes until maxWait, woken by each append. */
export const fetch: Api = {
  key: 1,
  min: 4,
  max: 11,
  handle: async (reader, writer, state, { version, connected }) => {
    reader.int32();
    const [maxWaitMs, minBytes, maxBytes] = [reader.int32(), reader.int32(), reader.int32()];
    reader.int8();
    if (version >= 7) {
      reader.int32();
      reader.int32();
    }
    const asked = readAsked(reader, version);
    const deadline = Date.now() + maxWaitMs;
    let found = collect(state, asked, maxBytes);
    while (!enough(found, minBytes) && Date.now() < deadline && !state.closing() && connected()) {
      await state.nextAppend(deadline - Date.now());
      found = collect(state, asked, maxBytes);
    }
    writer.int32(0);
    if (version >= 7) writer.int16(CODES.NONE).int32(0);
    writer.array([...byTopic(found)], ([topic, partitions]) => {
      writer.string(topic).array(partitions, ({ partition, code, end, start, records }) => {
        writer.int32(partition).int16(code).int64(end).int64(end);
        if (version >= 5) writer.int64(start);
        writer.array([], () => {});
        if (version >= 11) writer.int32(-1);
        writer.bytes(records);
      });
    });
  },
};

function readAsked(reader: Reader, version: number): Asked[] {
  return reader
    .array(() => {
      const topic = reader.string();
      return reader.array(() => {
        const partition = reader.int32();
        const leaderEpoch = version >= 9 ? reader.int32() : -1;
        const offset = reader.int64();
        if (version >= 5) reader.int64();
        return { topic, partition, leaderEpoch, offset, maxBytes: reader.int32() };
      });
    })
    .flat();
}

function collect(state: BrokerState, asked: readonly Asked[], maxBytes: number): Found[] {
  let left = Math.min(maxBytes, MAX_ANSWER_BYTES);
  return asked.map((each) => {
    const log = state.topics.partition(each.topic, each.partition)?.log;
    const nothing = { ...each, end: -1n, start: -1n, records: Buffer.alloc(0) };
    if (log === undefined) return { ...nothing, code: CODES.UNKNOWN_TOPIC_OR_PARTITION };
    if (each.leaderEpoch > 0) return { ...nothing, code: CODES.UNKNOWN_LEADER_EPOCH };
    const { startOffset: start, endOffset: end } = log;
    if (each.offset < start || each.offset > end)
      return { ...nothing, end, start, code: CODES.OFFSET_OUT_OF_RANGE };
    const records =
      each.offset === end || left <= 0
        ? Buffer.alloc(0)
        : log.read(each.offset, Math.min(each.maxBytes, left));
    left -= records.length;
    return { ...each, end, start, records, code: CODES.NONE };
  });
}

function enough(found: readonly Found[], minBytes: number): boolean {
  return (
    found.some(({ code }) => code !== CODES.NONE) ||
    found.reduce((sum, { records }) => sum + records.length, 0) >= minBytes
  );
}

function byTopic(found: readonly Found[]): Map<string, Found[]> {
  const topics = new Map<string, Found[]>();
  for (const each of found) topics.set(each.topic, [...(topics.get(each.topic) ?? []), each]);
  return topics;
}
