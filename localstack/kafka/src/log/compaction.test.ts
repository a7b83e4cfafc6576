import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encodeBatch } from '../testing/batch.ts';
import { COMPRESSED_BATCHES } from '../testing/compressed-batches.ts';
import { append, COMPACT, headerOf, logFolder, recordsOf, type LogFolder } from '../testing/log-folder.ts';
import { compact } from './compaction.ts';
import { retentionOf } from './retention.ts';
import { openSegment } from './segment.ts';

const NOW = 1_000_000;

let at: LogFolder;

beforeEach(() => {
  at = logFolder();
});
afterEach(() => at.remove());

describe('a compacted log', () => {
  it('keeps the last record of each key under its offset, and the segment that is written to', async () => {
    const log = at.open();
    append(log, [
      ['a', '1'],
      ['b', '1'],
      ['a', '2'],
    ]);
    append(log, [
      ['b', '2'],
      ['c', '1'],
    ]);
    append(log, [
      ['a', '3'],
      ['c', '2'],
    ]);
    expect(await log.compact(NOW)).toBe(true);
    const expected = [
      [2, 'a', '2'],
      [3, 'b', '2'],
      [4, 'c', '1'],
      [5, 'a', '3'],
      [6, 'c', '2'],
    ];
    expect(recordsOf(log)).toEqual(expected);
    expect([log.startOffset, log.endOffset]).toEqual([0n, 7n]);
    const again = at.open();
    expect([recordsOf(again), again.startOffset, again.endOffset]).toEqual([expected, 0n, 7n]);
    expect(append(again, [['a', '4']])).toBe(7n);
  });

  it('answers from an offset that is gone with the next one there is', async () => {
    const log = at.open();
    append(log, [
      ['a', '1'],
      ['b', '1'],
    ]);
    append(log, [['a', '2']]);
    append(log, [['a', '3']]);
    append(log, [['z', 'active']]);
    await log.compact(NOW);
    expect(recordsOf(log, 0n)).toEqual([
      [1, 'b', '1'],
      [3, 'a', '3'],
      [4, 'z', 'active'],
    ]);
    expect(recordsOf(log, 2n)).toEqual([
      [3, 'a', '3'],
      [4, 'z', 'active'],
    ]);
    expect(log.read(5n, 1e6)).toHaveLength(0);
  });

  it('deletes files that nothing is left of, and puts small ones together', async () => {
    const settings = { ...COMPACT, 'segment.bytes': '250' };
    const log = at.open(settings);
    for (let index = 0; index < 40; index += 1) append(log, [[`k${index % 5}`, `v${index}`]]);
    const before = at.files().length;
    await log.compact(NOW);
    append(log, [['k0', 'v40']]);
    expect(before).toBeGreaterThan(10);
    expect(
      recordsOf(log)
        .map(([offset]) => offset)
        .slice(-6),
    ).toEqual([35, 36, 37, 38, 39, 40]);
    while (await log.compact(NOW)) append(log, [['k1', 'again']]);
    expect(at.files().length).toBeLessThan(6);
    expect(recordsOf(at.open(settings))).toEqual(recordsOf(log));
  });

  it('is left alone until enough of it is new, and then again', async () => {
    const log = at.open({ ...COMPACT, 'min.cleanable.dirty.ratio': '0.5' });
    for (const value of ['1', '2', '3', '4', '5']) append(log, [[`k${value}`, value]]);
    expect(await log.compact(NOW)).toBe(false);
    append(log, [['k1', 'new']]);
    append(log, [['k2', 'new']]);
    // Two of six closed segments are new.
    expect(await log.compact(NOW)).toBe(false);
    for (const value of ['3', '4', '5', '6']) append(log, [[`k${value}`, 'new']]);
    expect(await log.compact(NOW)).toBe(true);
    expect(recordsOf(log).map(([, key, value]) => `${key} ${value}`)).toEqual([
      'k1 new',
      'k2 new',
      'k3 new',
      'k4 new',
      'k5 new',
      'k6 new',
    ]);
  });

  it('shows tombstones for as long as the topic says, at their own times', async () => {
    const settings = { ...COMPACT, 'delete.retention.ms': '1000' };
    const log = at.open(settings);
    append(log, [['a', '1']], { timestamp: 5n });
    append(log, [['a', null]], { timestamp: 7n });
    append(log, [['b', '1']]);
    await log.compact(NOW);
    expect(recordsOf(log)).toEqual([
      [1, 'a', null],
      [2, 'b', '1'],
    ]);
    const { baseTimestamp, maxTimestamp } = headerOf(log.read(0n, 1));
    expect([baseTimestamp, maxTimestamp]).toEqual([BigInt(NOW + 1000), 7n]);
    append(log, [['b', '2']]);
    await at.open(settings).compact(NOW + 999);
    expect(recordsOf(at.open(settings))).toEqual([
      [1, 'a', null],
      [2, 'b', '1'],
      [3, 'b', '2'],
    ]);
    const later = at.open(settings);
    append(later, [['b', '3']]);
    await later.compact(NOW + 1000);
    expect(recordsOf(later).map(([offset]) => offset)).toEqual([3, 4]);
  });

  it.each(Object.keys(COMPRESSED_BATCHES))('reads what clients compressed: %s', async (name) => {
    const log = at.open();
    const batch = Buffer.from(COMPRESSED_BATCHES[name] ?? '', 'base64');
    log.append(batch, headerOf(batch));
    append(log, [['key-1', 'newer']]);
    append(log, [['z', 'active']]);
    await log.compact(NOW);
    expect(recordsOf(log).map(([offset, key]) => [offset, key])).toEqual([
      [8, 'key-0'],
      [10, 'key-2'],
      [11, 'key-3'],
      [12, 'key-1'],
      [13, 'z'],
    ]);
  });

  it('leaves batches that cannot be read, and records without a key, as they are', async () => {
    const log = at.open();
    append(log, ['no key', ['a', '1']]);
    const damaged = encodeBatch({ values: [['a', '2']] });
    damaged.writeInt16BE(1, 21);
    log.append(damaged, headerOf(damaged));
    append(log, [['a', '3']]);
    append(log, [['a', '4']]);
    await log.compact(NOW);
    expect(headerOf(log.read(0n, 1))).toMatchObject({ baseOffset: 0n, recordCount: 1 });
    expect(log.read(2n, 1).subarray(20).equals(damaged.subarray(20))).toBe(true);
    expect(headerOf(log.read(3n, 1)).baseOffset).toBe(3n);
  });

  it('of more keys than fit into memory is compacted in several passes', async () => {
    const segments = Array.from(
      { length: 7 },
      (_, index) => openSegment(at.folder, BigInt(index), () => {}).segment,
    );
    const values = ['a 1', 'b 1', 'a 2', 'b 2', 'c 1', 'a 3'];
    for (const [index, text] of values.entries()) {
      const [key = '', value = ''] = text.split(' ');
      const batch = encodeBatch({ values: [[key, value]] });
      segments[index]?.append(batch, headerOf(batch), BigInt(index));
    }
    const log = {
      folder: at.folder,
      segments,
      retention: retentionOf(COMPACT),
      isOpen: () => true,
      keepsEmpty: () => false,
    };
    for (const _ of values) await compact(log, NOW, 1);
    for (const segment of segments) segment.close();
    expect(recordsOf(at.open()).map(([offset]) => offset)).toEqual([2, 3, 4, 5]);
  });
});
