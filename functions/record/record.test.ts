import { describe, expect, it } from 'vitest';
import type { Storage } from '../shared/storage/storage.ts';
import { createMemoryServices } from '../shared/testing/memory-services.ts';
import { PART_LIMIT } from './append.ts';
import { PartCache } from './part-cache.ts';
import { record } from './record.ts';
import type { RecordedResult } from './schema.ts';
import { result } from './testing/results.ts';

const BUCKET = 'inference-logs';

/** The recorder over memory; `calls` counts what it asks of the storage. */
function recorder(shared = createMemoryServices()) {
  const calls = { get: 0, put: 0, list: 0 };
  const { storage } = shared;
  const counted: Storage = {
    ...storage,
    get: (...args) => ((calls.get += 1), storage.get(...args)),
    put: (...args) => ((calls.put += 1), storage.put(...args)),
    list: (...args) => ((calls.list += 1), storage.list(...args)),
  };
  const services = { ...shared.services, storage: counted };
  const cache = new PartCache();
  const text = async (key: string): Promise<string | undefined> => {
    const found = await storage.get(BUCKET, key);
    return found === undefined ? undefined : Buffer.from(found.body).toString();
  };
  const predictions = async (key: string): Promise<string[]> =>
    ((await text(key)) ?? '')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line).metrics.prediction_hash);
  return {
    ...shared,
    calls,
    text,
    predictions,
    record: (...results: RecordedResult[]) => record(results, cache, services),
    services,
    cache,
  };
}

const numbered = (from: number, count: number, padding = 0): RecordedResult[] =>
  Array.from({ length: count }, (_, nth) => result({ prediction: `p-${from + nth}`, padding }));

describe('a result', () => {
  it('becomes a line of its day, as it came, behind what is there', async () => {
    const { record: write, text } = recorder();
    const [first, second] = [result(), result({ prediction: 'p-2' })];
    await write(first);
    await write(second);
    expect(await text('load/20240501/results.jsonl')).toBe(
      `${JSON.stringify(first.line)}\n${JSON.stringify(second.line)}\n`,
    );
  });

  it('belongs to the UTC day of its own timestamp and to its identifier', async () => {
    const { record: write, storage } = recorder();
    await write(
      result({ timestamp: '2024-05-01T23:59:59.999Z' }),
      result({ timestamp: '2024-05-02T00:00:00.000Z' }),
      result({ identifier: 'Messreihe 1+2' }),
      result({ identifier: 'global' }),
    );
    expect(storage.keys()).toEqual([
      'inference-logs/Messreihe 1+2/20240501/results.jsonl',
      'inference-logs/global/20240501/results.jsonl',
      'inference-logs/load/20240501/results.jsonl',
      'inference-logs/load/20240502/results.jsonl',
    ]);
  });

  it('is written once a day, however often it is delivered and after whatever restart', async () => {
    const shared = createMemoryServices();
    const before = recorder(shared);
    await before.record(result(), result());
    await before.record(result());
    const restarted = recorder(shared);
    await restarted.record(result(), result({ prediction: 'p-2' }));
    expect(await restarted.predictions('load/20240501/results.jsonl')).toEqual(['p-1', 'p-2']);
  });

  it('counts as another one with another run, another day or another identifier', async () => {
    const { record: write, predictions } = recorder();
    await write(result(), result({ runId: 'run-2' }), result({ timestamp: '2024-05-02T00:00:00Z' }));
    expect(await predictions('load/20240501/results.jsonl')).toEqual(['p-1', 'p-1']);
    expect(await predictions('load/20240502/results.jsonl')).toEqual(['p-1']);
  });

  it('comes after lines that are not of our kind, and after one that lacks its end', async () => {
    const { record: write, storage, text } = recorder();
    await storage.put(BUCKET, 'load/20240501/results.jsonl', 'not JSON\n{"a":1}\n[2]\nnull');
    await write(result());
    expect(await text('load/20240501/results.jsonl')).toBe(
      `not JSON\n{"a":1}\n[2]\nnull\n${JSON.stringify(result().line)}\n`,
    );
  });
});

describe('a batch', () => {
  it('of one file is one write, and reads nothing that it wrote itself', async () => {
    const { record: write, calls, predictions } = recorder();
    await write(...numbered(0, 500));
    expect(calls).toEqual({ get: 0, put: 1, list: 1 });
    await write(...numbered(499, 10));
    expect(calls).toEqual({ get: 0, put: 2, list: 2 });
    expect(await predictions('load/20240501/results.jsonl')).toHaveLength(509);
  });

  it('of duplicates writes nothing', async () => {
    const { record: write, calls, log } = recorder();
    await write(...numbered(0, 3));
    await write(...numbered(0, 3));
    expect(calls.put).toBe(1);
    expect(log.lines.at(-1)).toMatchObject({
      event: 'results_recorded',
      day: '20240501',
      written: 0,
      duplicates: 3,
    });
  });
});

describe('a day of more than a megabyte', () => {
  const parts = ['results.jsonl', 'results-0002.jsonl', 'results-0003.jsonl'].map(
    (name) => `load/20240501/${name}`,
  );

  it('goes on in the next part once one is past the limit, also within a batch', async () => {
    const { record: write, storage, predictions } = recorder();
    await write(...numbered(0, 25, 100_000));
    const sizes = await Promise.all(parts.map(async (key) => (await storage.head(BUCKET, key))?.size ?? 0));
    expect(sizes.map((size) => size > PART_LIMIT)).toEqual([true, true, false]);
    expect(sizes.every((size) => size < PART_LIMIT + 102_000)).toBe(true);
    const written = (await Promise.all(parts.map(predictions))).flat();
    expect(written).toEqual(Array.from({ length: 25 }, (_, nth) => `p-${nth}`));
  });

  it('never touches a full part again, and knows its lines', async () => {
    const shared = createMemoryServices();
    const { record: write, storage, predictions } = recorder(shared);
    await write(...numbered(0, 10, 100_000));
    const etag = (await storage.head(BUCKET, parts[0] ?? ''))?.etag;
    const restarted = recorder(shared);
    await restarted.record(...numbered(5, 6, 10));
    expect((await storage.head(BUCKET, parts[0] ?? ''))?.etag).toBe(etag);
    expect(await predictions(parts[1] ?? '')).toEqual(['p-10']);
    await restarted.record(...numbered(0, 12, 10));
    expect(await predictions(parts[1] ?? '')).toEqual(['p-10', 'p-11']);
    expect(restarted.calls.get).toBe(1);
  });

  it('keeps its order past part 9999 and passes over files of other names', async () => {
    const { record: write, storage, predictions } = recorder();
    const full = 'x'.repeat(PART_LIMIT + 1);
    for (const name of ['results.jsonl', 'results-9999.jsonl', 'results-10000.jsonl'])
      await storage.put(BUCKET, `load/20240501/${name}`, full);
    await storage.put(BUCKET, 'load/20240501/results-old.jsonl', JSON.stringify(result().line));
    await write(result());
    expect(await predictions('load/20240501/results-10001.jsonl')).toEqual(['p-1']);
  });
});

describe('two writers at once', () => {
  it('lose nothing and write nothing twice, over parts', async () => {
    const shared = createMemoryServices();
    const writers = [recorder(shared), recorder(shared), recorder(shared)];
    // Each delivers its own lines and some of the others', a few at a time.
    await Promise.all(
      writers.map(async ({ record: write }, nth) => {
        for (let batch = 0; batch < 10; batch += 1) await write(...numbered(batch * 3 + nth, 5, 30_000));
      }),
    );
    const reader = recorder(shared);
    const keys = shared.storage.keys().map((key) => key.slice(BUCKET.length + 1));
    const written = (await Promise.all(keys.map((key) => reader.predictions(key)))).flat();
    expect(keys.length).toBeGreaterThan(1);
    expect(written.toSorted()).toEqual(Array.from({ length: 34 }, (_, nth) => `p-${nth}`).toSorted());
  });

  it('see what the rival put in between reading and writing', async () => {
    const shared = createMemoryServices();
    const [mine, rival] = [recorder(shared), recorder(shared)];
    let interrupted = false;
    const put: Storage['put'] = async (...write) => {
      if (!interrupted) {
        interrupted = true;
        await rival.record(result({ prediction: 'p-1' }), result({ prediction: 'p-3' }));
      }
      return shared.storage.put(...write);
    };
    const services = { ...mine.services, storage: { ...shared.storage, put } };
    await record([result({ prediction: 'p-1' }), result({ prediction: 'p-2' })], mine.cache, services);
    expect(await mine.predictions('load/20240501/results.jsonl')).toEqual(['p-1', 'p-3', 'p-2']);
    expect(shared.log.lines.at(-1)).toMatchObject({ written: 1, duplicates: 1 });
  });

  it('give way after a hundred lost rounds, to be delivered again', async () => {
    const { services, cache } = recorder();
    const put: Storage['put'] = async () => ({ written: false });
    const lost = record([result()], cache, { ...services, storage: { ...services.storage, put } });
    await expect(lost).rejects.toMatchObject({
      code: 'object_changed',
      retryable: true,
      message: expect.stringContaining('inference-logs/load/20240501/'),
    });
  });
});
