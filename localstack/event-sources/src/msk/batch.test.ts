import { describe, expect, it } from 'vitest';
import type { KafkaRecord } from '../kafka/record.ts';
import { PartitionSource } from '../kafka/partition-source.ts';
import { batchLength, gatherBatch } from './batch.ts';
import { RecordBuffer } from './record-buffer.ts';

function records(count: number, { bytes = 1, from = 0 } = {}): KafkaRecord[] {
  return Array.from({ length: count }, (_, index) => ({
    topic: 't',
    partition: 0,
    offset: from + index,
    timestamp: 0,
    timestampType: 'CREATE_TIME',
    key: null,
    value: Buffer.alloc(bytes),
    headers: {},
  }));
}

const limits = { batchSize: 3, windowMs: 60_000, payloadBytes: 6 * 1024 * 1024 };

describe('batchLength', () => {
  it('is full with batchSize records', () => {
    expect(batchLength(records(2), limits)).toEqual({ length: 2, full: false });
    expect(batchLength(records(3), limits)).toEqual({ length: 3, full: true });
    expect(batchLength(records(9), limits)).toEqual({ length: 3, full: true });
  });

  it('is full before the payload would pass its limit', () => {
    const third = 2 * 1024 * 1024;
    expect(batchLength(records(5, { bytes: third }), { ...limits, batchSize: 100 })).toEqual({
      length: 2,
      full: true,
    });
  });

  it('takes a record that passes the limit by itself alone', () => {
    const fetched = [...records(1, { bytes: 7 * 1024 * 1024 }), ...records(1, { from: 1 })];
    expect(batchLength(fetched, limits)).toEqual({ length: 1, full: true });
  });
});

function source(): { source: PartitionSource; resumed: () => number } {
  let resumes = 0;
  const made = new PartitionSource('t', 0, {
    pause: () => {},
    resume: () => (resumes += 1),
    commit: () => Promise.resolve(true),
  });
  return { source: made, resumed: () => resumes };
}

describe('gatherBatch', () => {
  it('waits for more until the batch is full, and keeps what is over', async () => {
    const { source: from } = source();
    const buffer = new RecordBuffer(from);
    const gathering = gatherBatch(from, buffer, limits);
    from.deliver(records(1), 1);
    await new Promise(setImmediate);
    from.deliver(records(4, { from: 1 }), 5);
    expect((await gathering).map(({ offset }) => offset)).toEqual([0, 1, 2]);
    expect(buffer.records.map(({ offset }) => offset)).toEqual([3, 4]);
    expect(buffer.end).toBe(3);
  });

  it('takes what there is when the window has passed', async () => {
    const { source: from } = source();
    const gathering = gatherBatch(from, new RecordBuffer(from), { ...limits, windowMs: 1 });
    from.deliver(records(2), 2);
    expect(await gathering).toHaveLength(2);
  });

  it('fetches nothing more while enough is in hand', async () => {
    const { source: from, resumed } = source();
    const buffer = new RecordBuffer(from);
    const first = gatherBatch(from, buffer, limits);
    from.deliver(records(6), 6);
    expect(await first).toHaveLength(3);
    expect(await gatherBatch(from, buffer, limits)).toHaveLength(3);
    expect(resumed()).toBe(1);
  });

  it('gives nothing once the source has closed', async () => {
    const { source: from } = source();
    const gathering = gatherBatch(from, new RecordBuffer(from), limits);
    from.deliver(records(1), 1);
    from.close();
    expect(await gathering).toEqual([]);
  });

  it('fills the batch with what the filter lets through, and leaves the rest behind', async () => {
    const { source: from } = source();
    const buffer = new RecordBuffer(from, (value) => value !== null);
    const some = records(9).map((record) => (record.offset % 2 === 0 ? record : { ...record, value: null }));
    const gathering = gatherBatch(from, buffer, limits);
    from.deliver(some, 9);
    expect((await gathering).map(({ offset }) => offset)).toEqual([0, 2, 4]);
    expect(buffer.end).toBe(6);
  });

  it('gives nothing, and the offset after it, where all that came was filtered', async () => {
    const { source: from } = source();
    const buffer = new RecordBuffer(from, () => false);
    const gathering = gatherBatch(from, buffer, limits);
    from.deliver(records(2), 5);
    expect(await gathering).toEqual([]);
    expect(buffer.end).toBe(5);
  });
});
