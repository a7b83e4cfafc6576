import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readBatchHeader } from '../protocol/record-batch.ts';
import { encodeBatch } from '../testing/batch.ts';
import { openPartitionLog, type PartitionLog } from './partition-log.ts';
import { invalidRetention, retentionOf } from './retention.ts';

let folder: string;
let cuts: [number, bigint][];
const open: PartitionLog[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flts-log-'));
  cuts = [];
});
afterEach(() => {
  for (const log of open.splice(0)) log.close();
  rmSync(folder, { recursive: true, force: true });
});

function openLog(settings: Readonly<Record<string, string>> = {}): PartitionLog {
  const log = openPartitionLog(folder, retentionOf(settings), {
    found: () => {},
    cut: (bytes, offset) => cuts.push([bytes, offset]),
    keepsEmpty: () => false,
  });
  open.push(log);
  return log;
}

function append(log: PartitionLog, values: readonly string[], timestamp = 1000n): bigint {
  const batch = encodeBatch({ values, timestamp });
  const header = readBatchHeader(batch);
  if (typeof header === 'string') throw new Error(`expected a batch, got ${header}`);
  return log.append(batch, header);
}

const firstSegment = (): string => join(folder, '00000000000000000000.log');
const files = (): string[] => readdirSync(folder).filter((name) => name.endsWith('.log'));

/** Base offsets of the batches in what was read. */
function basesIn(bytes: Buffer): bigint[] {
  const header = bytes.length === 0 ? 'incomplete' : readBatchHeader(bytes);
  return typeof header === 'string' ? [] : [header.baseOffset, ...basesIn(bytes.subarray(header.size))];
}

describe('a partition', () => {
  it('counts offsets by records and reads from the batch that holds one', () => {
    const log = openLog();
    expect([append(log, ['a', 'b']), append(log, ['c']), append(log, ['d', 'e'])]).toEqual([0n, 2n, 3n]);
    expect([log.startOffset, log.endOffset]).toEqual([0n, 5n]);
    expect(basesIn(log.read(1n, 1e6))).toEqual([0n, 2n, 3n]);
    expect(basesIn(log.read(4n, 1e6))).toEqual([3n]);
    expect(log.read(5n, 1e6)).toHaveLength(0);
  });

  it('hands out what is in the file, and no memory, where something else has cut it', () => {
    const log = openLog();
    append(log, ['a'.repeat(100)]);
    truncateSync(firstSegment(), 80);
    expect(log.read(0n, 1e6)).toEqual(readFileSync(firstSegment()));
  });

  it('reads one batch at least and no more than fit', () => {
    const log = openLog();
    for (const value of ['a', 'b', 'c']) append(log, [value]);
    const { length } = log.read(0n, 1);
    expect(basesIn(log.read(0n, 1))).toEqual([0n]);
    expect(basesIn(log.read(0n, 2 * length))).toEqual([0n, 1n]);
  });

  it('finds the first batch at or after a time', () => {
    const log = openLog();
    append(log, ['a'], 1000n);
    append(log, ['b'], 2000n);
    expect(log.offsetAt(1500n)).toEqual({ offset: 1n, timestamp: 2000n });
    expect(log.offsetAt(2001n)).toBe(undefined);
  });

  it('keeps its start over a restart once records were deleted', () => {
    const log = openLog();
    append(log, ['a', 'b', 'c']);
    log.trim(2n);
    const again = openLog();
    expect([again.startOffset, again.endOffset]).toEqual([2n, 3n]);
  });
});

describe('after a crash', () => {
  it('a tail torn at any byte is cut, and the next record takes its offset', () => {
    const first = openLog();
    append(first, ['a', 'b']);
    const whole = statSync(firstSegment()).size;
    append(first, ['c']);
    const bytes = readFileSync(firstSegment());
    for (let length = whole; length < bytes.length; length += 1) {
      writeFileSync(firstSegment(), bytes.subarray(0, length));
      const log = openLog();
      expect([log.endOffset, statSync(firstSegment()).size]).toEqual([2n, whole]);
    }
    expect(cuts).toEqual(Array.from({ length: bytes.length - whole - 1 }, (_, index) => [index + 1, 2n]));
    expect(append(openLog(), ['d'])).toBe(2n);
  });

  it('what follows a batch with a wrong checksum is cut and told', () => {
    const first = openLog();
    for (const value of ['a', 'b', 'c']) append(first, [value]);
    const bytes = readFileSync(firstSegment());
    const size = bytes.length / 3;
    bytes.writeUInt8(bytes.readUInt8(size + 65) ^ 1, size + 65);
    writeFileSync(firstSegment(), bytes);
    expect(openLog().endOffset).toBe(1n);
    expect(cuts).toEqual([[2 * size, 1n]]);
  });

  it('a log of many windows is found whole', () => {
    const first = openLog();
    for (let index = 0; index < 20; index += 1) append(first, ['x'.repeat(1_000_000)]);
    expect(openLog().endOffset).toBe(20n);
    expect(cuts).toEqual([]);
  });
});

describe('segments', () => {
  /** Segments of one batch each. */
  const SMALL = { 'segment.bytes': '14' };

  it('begin anew where one would grow too large, and are read as one log', () => {
    const log = openLog(SMALL);
    for (const value of ['a', 'b', 'c']) append(log, [value]);
    expect(files()).toEqual([
      '00000000000000000000.log',
      '00000000000000000001.log',
      '00000000000000000002.log',
    ]);
    expect(basesIn(log.read(0n, 1e6))).toEqual([0n, 1n, 2n]);
    const { length } = log.read(0n, 1);
    expect(basesIn(log.read(1n, length))).toEqual([1n]);
    expect(log.offsetAt(1000n)).toEqual({ offset: 0n, timestamp: 1000n });
    expect([openLog(SMALL).endOffset, basesIn(openLog(SMALL).read(1n, 1e6))]).toEqual([3n, [1n, 2n]]);
  });

  it('take over the one file of a former version', () => {
    append(openLog(), ['a', 'b']);
    renameSync(firstSegment(), join(folder, 'records.log'));
    expect([openLog().endOffset, files()]).toEqual([2n, ['00000000000000000000.log']]);
  });

  it('that deleted records alone are in are deleted, also after a restart', () => {
    const log = openLog(SMALL);
    for (const value of ['a', 'b', 'c']) append(log, [value]);
    log.trim(2n);
    expect([files(), log.startOffset]).toEqual([['00000000000000000002.log'], 2n]);
    expect([openLog(SMALL).startOffset, openLog(SMALL).endOffset]).toEqual([2n, 3n]);
  });

  it('behind a damaged batch are cut with it', () => {
    const log = openLog(SMALL);
    for (const value of ['a', 'b', 'c']) append(log, [value]);
    const bytes = readFileSync(firstSegment());
    writeFileSync(firstSegment(), bytes.subarray(0, -1));
    expect([openLog(SMALL).endOffset, files()]).toEqual([0n, ['00000000000000000000.log']]);
    expect(cuts).toEqual([[3 * bytes.length - 1, 0n]]);
  });
});

describe('retention', () => {
  const NOW = 10_000;

  it('keeps records for ever where the topic says nothing', () => {
    const log = openLog({ 'segment.bytes': '14' });
    for (const value of ['a', 'b']) append(log, [value], 1n);
    log.retain(NOW);
    expect(log.startOffset).toBe(0n);
  });

  it('deletes segments of which every record is older than retention.ms, the last one too', () => {
    const settings = { 'segment.bytes': '14', 'retention.ms': '1000' };
    const log = openLog(settings);
    append(log, ['old'], 8999n);
    append(log, ['young'], 9000n);
    log.retain(NOW);
    expect([log.startOffset, log.endOffset]).toEqual([1n, 2n]);
    log.retain(NOW + 1);
    expect([log.startOffset, log.endOffset, files()]).toEqual([2n, 2n, ['00000000000000000002.log']]);
    expect(append(log, ['new'], 11_000n)).toBe(2n);
    expect([openLog(settings).startOffset, openLog(settings).endOffset]).toEqual([2n, 3n]);
  });

  it('deletes the oldest segments that are more than retention.bytes', () => {
    const log = openLog({ 'segment.bytes': '14' });
    for (const value of ['a', 'b', 'c', 'd']) append(log, [value]);
    const bytes = log.read(0n, 1).length;
    const bounded = openLog({ 'segment.bytes': '14', 'retention.bytes': String(2 * bytes) });
    bounded.retain(NOW);
    expect([bounded.startOffset, bounded.endOffset]).toEqual([2n, 4n]);
  });

  it('takes settings as Kafka does: whole numbers, -1 for no bound', () => {
    expect(invalidRetention({ 'retention.ms': '-1', 'segment.bytes': '1000' })).toBe(undefined);
    expect(invalidRetention({ 'retention.ms': 'a week' })).toBe('retention.ms');
    expect(invalidRetention({ 'segment.bytes': '0' })).toBe('segment.bytes');
    expect(invalidRetention({ 'retention.bytes': '-2' })).toBe('retention.bytes');
  });
});
