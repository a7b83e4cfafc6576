import { expect, it } from 'vitest';
import { PartitionSource } from './partition-source.ts';
import type { KafkaRecord } from './record.ts';

function record(offset: number, bytes = 1): KafkaRecord {
  const place = { topic: 't', partition: 0, offset, timestamp: 0, timestampType: 'CREATE_TIME' as const };
  return { ...place, key: null, value: Buffer.alloc(bytes), headers: {} };
}

const LARGE = 64 * 1024;

function open(): { source: PartitionSource; told: string[] } {
  const told: string[] = [];
  const source = new PartitionSource('t', 0, {
    pause: () => told.push('pause'),
    resume: () => told.push('resume'),
    commit: () => Promise.resolve(true),
  });
  return { source, told };
}

it('opens the partition at the first pull and leaves it open for the next', async () => {
  const { source, told } = open();
  expect(source.fetching).toBe(false);
  const first = source.pull();
  source.deliver([record(0)], 1);
  expect(await first).toEqual([record(0)]);
  expect(source.fetching).toBe(true);
  expect(await source.pull(1)).toEqual([]);
  expect(told).toEqual(['resume']);
});

it('keeps what comes between two pulls in order, and says which offset the pulls have reached', async () => {
  const { source, told } = open();
  const first = source.pull();
  source.deliver([record(0)], 1);
  await first;
  source.deliver([record(1)], 2);
  source.deliver([record(2)], 3);
  expect([source.position, source.pulledTo]).toEqual([3, 1]);
  expect(await source.pull()).toEqual([record(1), record(2)]);
  expect([source.position, source.pulledTo]).toEqual([3, 3]);
  expect(told).toEqual(['resume']);
});

it('pauses the partition while the read-ahead is full', async () => {
  const { source, told } = open();
  const first = source.pull();
  source.deliver([record(0, LARGE)], 1);
  await first;
  source.deliver([record(1, LARGE)], 2);
  expect(source.fetching).toBe(false);
  expect(told).toEqual(['resume', 'pause']);
  expect(await source.pull()).toEqual([record(1, LARGE)]);
  expect(source.fetching).toBe(true);
  expect(told).toEqual(['resume', 'pause', 'resume']);
});

it('hands out nothing more, and fetches nothing more, once it is closed', async () => {
  const { source, told } = open();
  const first = source.pull();
  source.deliver([record(0)], 1);
  await first;
  source.deliver([record(1)], 2);
  source.close();
  expect(source.fetching).toBe(false);
  expect(await source.pull()).toEqual([]);
  expect(source.pulledTo).toBe(1);
  expect(told).toEqual(['resume', 'pause']);
});
