import { cpSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { append, logFolder, recordsOf, type LogFolder } from '../testing/log-folder.ts';

const NOW = 1_000_000;
const SMALL = { 'cleanup.policy': 'compact', 'segment.bytes': '220', 'min.cleanable.dirty.ratio': '0' };
const BEFORE = ['00000000000000000000.log', '00000000000000000003.log', '00000000000000000006.log'];
const [FIRST = ''] = BEFORE;
const ASIDE = '00000000000000000000.cleaned';
const SWAP = '00000000000000000000-00000000000000000006.swap';

let before: LogFolder;
let after: LogFolder;
const copies: LogFolder[] = [];

/** The same log before its first compaction, and after it. */
beforeEach(async () => {
  before = logFolder();
  after = logFolder();
  const log = before.open(SMALL);
  for (const value of ['1', '2']) for (const key of ['a', 'b', 'c']) append(log, [[key, value]]);
  append(log, [['d', null]]);
  cpSync(before.folder, after.folder, { recursive: true });
  await after.open({ ...SMALL, 'segment.bytes': '600' }).compact(NOW);
});
afterEach(() => {
  for (const each of [before, after, ...copies.splice(0)]) each.remove();
});

/** What a kill left: the log before, without some of its segments, and the new file under a name. */
function left(name: string, without: readonly string[] = []): LogFolder {
  const copy = logFolder();
  copies.push(copy);
  cpSync(before.folder, copy.folder, { recursive: true });
  for (const file of without) rmSync(join(copy.folder, file));
  cpSync(join(after.folder, FIRST), join(copy.folder, 'new'));
  renameSync(join(copy.folder, 'new'), join(copy.folder, name));
  return copy;
}

describe('a kill while one segment takes the place of two', () => {
  const OLD = ['a 1', 'b 1', 'c 1', 'a 2', 'b 2', 'c 2', 'd null'];
  const NEW = ['a 2', 'b 2', 'c 2', 'd null'];
  const seen = (folder: LogFolder): string[] =>
    recordsOf(folder.open(SMALL)).map(([, key, value]) => `${key} ${value}`);

  it('is a test of what compaction really does', () => {
    expect([before.files(), seen(before)]).toEqual([BEFORE, OLD]);
    expect([after.files(), seen(after)]).toEqual([[FIRST, '00000000000000000006.log'], NEW]);
  });

  it.each([
    ['before the new name: the old ones stay', ASIDE, [], OLD],
    ['after it: the old ones go', SWAP, [], NEW],
    ['after one was deleted', SWAP, BEFORE.slice(0, 1), NEW],
    ['after both were deleted', SWAP, BEFORE.slice(0, 2), NEW],
  ])('%s', (_when, name, without, records) => {
    const folder = left(name, without);
    expect(seen(folder)).toEqual(records);
    expect(folder.files().every((file) => file.endsWith('.log'))).toBe(true);
    const log = folder.open(SMALL);
    expect([log.startOffset, log.endOffset]).toEqual([0n, 7n]);
  });

  it('of which nothing is left deletes them', () => {
    const folder = left(SWAP);
    writeFileSync(join(folder.folder, SWAP), '');
    expect(seen(folder)).toEqual(['d null']);
    expect(folder.files()).toEqual(['00000000000000000006.log']);
    expect(folder.open(SMALL).endOffset).toBe(7n);
  });
});
