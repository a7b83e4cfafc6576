import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openOffsetStore, type OffsetStore } from './offset-store.ts';

let directory: string;
const open: OffsetStore[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'flts-offsets-'));
});
afterEach(() => {
  for (const store of open.splice(0)) store.close();
  rmSync(directory, { recursive: true, force: true });
});

function openStore(): OffsetStore {
  const store = openOffsetStore(directory);
  open.push(store);
  return store;
}

const at = (topic: string, offset: number, partition = 0) => ({
  topic,
  partition,
  offset: String(offset),
  metadata: '',
});

describe('committed offsets', () => {
  it('are found again, the newest of each partition', () => {
    openStore().commit('g', [at('t', 1), at('t', 5, 1), at('t', 2)]);
    const store = openStore();
    expect([store.get('g', 't', 0)?.offset, store.get('g', 't', 1)?.offset]).toEqual(['2', '5']);
    expect([...store.topicsOf('g')]).toEqual([['t', [0, 1]]]);
  });

  it('outlive a torn line, also one that others follow', () => {
    openStore().commit('g', [at('t', 1)]);
    appendFileSync(join(directory, 'offsets.jsonl'), '{"group":"g","to\n{"group":"g"');
    expect(openStore().get('g', 't', 0)?.offset).toBe('1');
  });

  it('go with their topic, of every group', () => {
    const store = openStore();
    store.commit('g', [at('t', 1), at('u', 1)]);
    store.commit('h', [at('t', 3)]);
    store.deleteTopic('t');
    for (const each of [store, openStore()]) {
      expect([each.get('g', 't', 0), each.get('h', 't', 0), each.get('g', 'u', 0)?.offset]).toEqual([
        undefined,
        undefined,
        '1',
      ]);
    }
  });

  it('do not let their file grow for ever', () => {
    const store = openStore();
    for (let offset = 0; offset < 25_000; offset += 1) store.commit('g', [at('t', offset)]);
    const lines = readFileSync(join(directory, 'offsets.jsonl'), 'utf8').split('\n').length;
    expect(lines).toBeLessThan(10_100);
    expect(store.get('g', 't', 0)?.offset).toBe('24999');
  });
});
