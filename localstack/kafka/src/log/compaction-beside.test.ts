import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encodeBatch } from '../testing/batch.ts';
import { append, COMPACT, headerOf, logFolder, recordsOf, type LogFolder } from '../testing/log-folder.ts';
import { createProducerStates } from './producer-states.ts';
import { invalidRetention } from './retention.ts';

const NOW = 1_000_000;

let at: LogFolder;

beforeEach(() => {
  at = logFolder();
});
afterEach(() => at.remove());

describe('compaction among other requests', () => {
  const LARGE = { ...COMPACT, 'segment.bytes': '1000000' };
  const value = 'x'.repeat(400_000);

  function largeLog() {
    const log = at.open(LARGE);
    for (let index = 0; index < 12; index += 1) append(log, [[`k${index % 3}`, `${index}${value}`]]);
    return log;
  }

  it('ends where the log is closed meanwhile, which opens again whole', async () => {
    const log = largeLog();
    const running = log.compact(NOW);
    at.close(log);
    expect(await running).toBe(false);
    expect(at.files().every((name) => name.endsWith('.log'))).toBe(true);
    expect(recordsOf(at.open(LARGE))).toHaveLength(12);
  });

  it('gives way to a deletion of records, and takes in what is appended meanwhile', async () => {
    const log = largeLog();
    const running = log.compact(NOW);
    log.trim(5n);
    expect(append(log, [['k0', 'new']])).toBe(12n);
    await running;
    await log.compact(NOW);
    const again = at.open(LARGE);
    const offsets = recordsOf(log).map(([offset]) => offset);
    expect(offsets.slice(-3)).toEqual([10, 11, 12]);
    expect([recordsOf(again), again.startOffset, again.endOffset]).toEqual([recordsOf(log), 5n, 13n]);
  });
});

describe('compaction and an idempotent producer', () => {
  const PRODUCER = { producerId: 9n, producerEpoch: 0 };

  it('whose records are all superseded: its sequence goes on, a batch sent again is known', async () => {
    const log = at.open();
    for (const [index, value] of ['1', '2', '3'].entries())
      append(log, [['a', value]], { ...PRODUCER, baseSequence: index });
    append(log, [['a', '4']]);
    append(log, [['z', 'active']]);
    const states = createProducerStates();
    const again = at.open(COMPACT, states);
    await again.compact(NOW);
    expect(recordsOf(again)).toEqual([
      [3, 'a', '4'],
      [4, 'z', 'active'],
    ]);
    const restarted = createProducerStates();
    at.open(COMPACT, restarted);
    const judge = (baseSequence: number) =>
      restarted.judge(headerOf(encodeBatch({ values: [['a', 'x']], ...PRODUCER, baseSequence })));
    expect(judge(3)).toEqual({ kind: 'append' });
    expect(judge(2)).toEqual({ kind: 'duplicate', offset: 2n });
    expect(judge(4)).toMatchObject({ kind: 'refuse' });
  });

  it('is not asked for a batch without records: a reader meets the next one with some', async () => {
    const log = at.open(COMPACT, createProducerStates());
    append(log, [['a', '1']], { ...PRODUCER, baseSequence: 0 });
    append(log, [['a', '2']]);
    append(log, [['z', 'active']]);
    const again = at.open();
    await again.compact(NOW);
    expect(headerOf(again.read(0n, 1))).toMatchObject({ baseOffset: 1n, recordCount: 1 });
    expect(again.offsetAt(0n)).toMatchObject({ offset: 1n });
  });
});

describe('cleanup.policy', () => {
  it('compact deletes nothing by age or size, compact,delete does both', async () => {
    const aged = { ...COMPACT, 'retention.ms': '1000' };
    const log = at.open(aged);
    for (const value of ['1', '2']) append(log, [['a', value]], { timestamp: 1n });
    log.retain(NOW);
    expect(recordsOf(log)).toEqual([
      [0, 'a', '1'],
      [1, 'a', '2'],
    ]);
    const both = at.open({ ...aged, 'cleanup.policy': 'compact,delete' });
    append(both, [['b', '1']], { timestamp: BigInt(NOW) });
    await both.compact(NOW);
    expect(recordsOf(both)).toEqual([
      [1, 'a', '2'],
      [2, 'b', '1'],
    ]);
    both.retain(NOW);
    expect(recordsOf(both)).toEqual([[2, 'b', '1']]);
  });

  it('delete alone, as without one, compacts nothing', async () => {
    const log = at.open({ ...COMPACT, 'cleanup.policy': 'delete' });
    for (const value of ['1', '2', '3']) append(log, [['a', value]]);
    expect(await log.compact(NOW)).toBe(false);
    expect(recordsOf(log)).toHaveLength(3);
  });

  it('closes a segment whose first record is older than segment.ms', async () => {
    const log = at.open({ 'segment.ms': '100' });
    for (const timestamp of [1000n, 1100n, 1101n, 1200n, 1202n]) append(log, [['a', 'x']], { timestamp });
    expect(at.files()).toEqual([0, 2, 4].map((base) => `${String(base).padStart(20, '0')}.log`));
  });

  it('and its numbers are checked as Kafka checks them', () => {
    expect(invalidRetention({ 'cleanup.policy': 'compact, delete' })).toBe(undefined);
    expect(invalidRetention({ 'cleanup.policy': 'compress' })).toBe('cleanup.policy');
    expect(invalidRetention({ 'min.cleanable.dirty.ratio': '0.25' })).toBe(undefined);
    expect(invalidRetention({ 'min.cleanable.dirty.ratio': '1.1' })).toBe('min.cleanable.dirty.ratio');
    expect(invalidRetention({ 'delete.retention.ms': '-1' })).toBe('delete.retention.ms');
    expect(invalidRetention({ 'segment.ms': '0' })).toBe('segment.ms');
  });
});
