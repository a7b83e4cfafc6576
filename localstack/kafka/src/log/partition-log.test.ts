import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readBatchHeader } from '../protocol/record-batch.ts';
import { encodeBatch } from '../testing/batch.ts';
import { openPartitionLog, type PartitionLog } from './partition-log.ts';

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

function openLog(): PartitionLog {
  const log = openPartitionLog(folder, {
    found: () => {},
    cut: (bytes, offset) => cuts.push([bytes, offset]),
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
    const whole = statSync(join(folder, 'records.log')).size;
    append(first, ['c']);
    const bytes = readFileSync(join(folder, 'records.log'));
    for (let length = whole; length < bytes.length; length += 1) {
      writeFileSync(join(folder, 'records.log'), bytes.subarray(0, length));
      const log = openLog();
      expect([log.endOffset, statSync(join(folder, 'records.log')).size]).toEqual([2n, whole]);
    }
    expect(cuts).toEqual(Array.from({ length: bytes.length - whole - 1 }, (_, index) => [index + 1, 2n]));
    expect(append(openLog(), ['d'])).toBe(2n);
  });

  it('what follows a batch with a wrong checksum is cut and told', () => {
    const first = openLog();
    for (const value of ['a', 'b', 'c']) append(first, [value]);
    const bytes = readFileSync(join(folder, 'records.log'));
    const size = bytes.length / 3;
    bytes.writeUInt8(bytes.readUInt8(size + 65) ^ 1, size + 65);
    writeFileSync(join(folder, 'records.log'), bytes);
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
