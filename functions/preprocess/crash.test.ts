import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { datasetMeta } from '../shared/dataset/meta.ts';
import { loadMeta } from '../shared/dataset/load.ts';
import { describeError, ServiceError } from '../shared/errors.ts';
import { sha256 } from '../shared/hash.ts';
import { metaKey } from '../shared/keys.ts';
import { trainingClaim } from '../shared/messages/schema.ts';
import type { Storage } from '../shared/storage/storage.ts';
import { BUCKETS, TOPICS } from '../shared/topics.ts';
import { createStage, hourlyCsv, type Stage } from './testing/stage.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flts-crash-'));
  vi.stubEnv('TMPDIR', folder);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

const hashOf = (stage: Stage): string =>
  trainingClaim.parse(stage.publisher.messages(TOPICS.trainingData).at(-1)).config_hash;

interface Calls {
  count: number;
  /** What the failing call was to write, where it was to write JSON. */
  lost?: unknown;
}

/** A storage whose nth call fails; later calls work again. */
function failingAt(nth: number, storage: Storage, calls: Calls): Storage {
  const attempt = <T>(call: () => Promise<T>, json?: unknown): Promise<T> => {
    calls.count += 1;
    if (calls.count !== nth) return call();
    calls.lost = json;
    return Promise.reject(new ServiceError('storage_unavailable', `call ${nth}`));
  };
  return {
    ...storage,
    get: (...args) => attempt(() => storage.get(...args)),
    getJson: (...args) => attempt(() => storage.getJson(...args)),
    getStream: (...args) => attempt(() => storage.getStream(...args)),
    head: (...args) => attempt(() => storage.head(...args)),
    put: (...args) => attempt(() => storage.put(...args)),
    putJson: (...args) => attempt(() => storage.putJson(...args), args[2]),
    putStream: (...args) => attempt(() => storage.putStream(...args)),
    copy: (...args) => attempt(() => storage.copy(...args)),
    list: async function* (...args) {
      yield* await attempt(async () => storage.list(...args));
    },
  };
}

/** What an upload leaves whose first attempt fails at the nth call to S3; undefined where there are not as many. */
async function failAt(nth: number) {
  const calls: Calls = { count: 0 };
  const stage = createStage((storage) => failingAt(nth, storage, calls));
  const upload = await stage.put('load.csv', hourlyCsv(60));
  const code = await stage.run(upload).then(
    () => undefined,
    (error: unknown) => describeError(error).code,
  );
  if (calls.count < nth) return undefined;
  const complete = stage.storage.keys().some((key) => key.endsWith('/meta.json'));
  const tooEarly = stage.publisher.sent.length > 0 && !complete;
  await stage.run(upload);
  const isProgress = Object(calls.lost)['share'] !== undefined;
  return { code, isProgress, tooEarly, hash: hashOf(stage), keys: stage.storage.keys() };
}

describe('preprocess under failures', () => {
  it('publishes nothing before everything is stored, and ends alike whichever call to S3 fails first', async () => {
    const clean = createStage();
    await clean.run(await clean.put('load.csv', hourlyCsv(60)));
    const ends = [];
    for (let end = await failAt(1); end !== undefined; end = await failAt(ends.length + 1)) ends.push(end);

    expect(ends.filter(({ isProgress }) => !isProgress).length).toBeGreaterThan(15);
    const expected = { tooEarly: false, hash: hashOf(clean), keys: clean.storage.keys() };
    // A word of progress that S3 does not take is not worth failing for; anything else is.
    const codeOf = (isProgress: boolean) => (isProgress ? undefined : 'storage_unavailable');
    expect(ends).toEqual(
      ends.map(({ isProgress }) => ({ code: codeOf(isProgress), isProgress, ...expected })),
    );
    expect(await readdir(folder)).toEqual([]);
  });

  it('fails where the broker does not answer, and publishes once it does', async () => {
    const stage = createStage();
    const upload = await stage.put('load.csv', hourlyCsv(60));
    const publish = vi
      .spyOn(stage.publisher, 'publish')
      .mockRejectedValueOnce(new ServiceError('broker_unavailable', 'no broker'));

    await expect(stage.run(upload)).rejects.toMatchObject({ code: 'broker_unavailable' });
    publish.mockRestore();
    await stage.run(upload);

    expect(stage.publisher.messages(TOPICS.trainingData)).toHaveLength(1);
    expect(await stage.status('load', upload)).toMatchObject({ state: 'SUCCESS', reused: true });
  });

  it('goes on where a rival wrote meta.json first', async () => {
    const stage = createStage((storage) => ({
      ...storage,
      putJson: async (bucket, key, value, options) => {
        if (key.endsWith('/meta.json') && options?.ifNoneMatch)
          await storage.putJson(bucket, key, { ...datasetMeta.parse(value), index_column: 'of a rival' });
        return storage.putJson(bucket, key, value, options);
      },
    }));
    const upload = await stage.put('load.csv', hourlyCsv(60));
    await stage.run(upload);

    expect((await loadMeta(stage.storage, 'load', hashOf(stage))).index_column).toBe('of a rival');
    expect(stage.publisher.messages(TOPICS.inferenceData)).toHaveLength(1);
  });

  it('makes an output whole again whose files are gone', async () => {
    const stage = createStage();
    const upload = await stage.put('load.csv', hourlyCsv(60));
    await stage.run(upload);
    const keys = stage.storage.keys();
    await stage.storage.delete(BUCKETS.processed, `load/${hashOf(stage)}/test.parquet`);
    await stage.run(upload);

    expect(stage.storage.keys()).toEqual(keys);
    expect(await stage.status('load', upload)).toMatchObject({ reused: false });
  });

  it('starts reading again where the object changes meanwhile', async () => {
    let reads = 0;
    const stage = createStage((storage) => ({
      ...storage,
      getStream: async (bucket, key) => {
        const stored = await storage.getStream(bucket, key);
        reads += 1;
        if (reads === 1) await storage.put(bucket, key, hourlyCsv(80));
        return stored;
      },
    }));
    await stage.run(await stage.put('load.csv', hourlyCsv(60)));

    const meta = await loadMeta(stage.storage, 'load', hashOf(stage));
    expect(meta.config['inputs']).toEqual({ train: sha256(hourlyCsv(80)), test: null });
    expect(meta.rows).toMatchObject({ train: 72, test: 8 });
  });

  it('gives up for now where the object never stands still', async () => {
    let reads = 0;
    const stage = createStage((storage) => ({
      ...storage,
      getStream: async (bucket, key) => {
        const stored = await storage.getStream(bucket, key);
        await storage.put(bucket, key, hourlyCsv(60 + ++reads));
        return stored;
      },
    }));
    const upload = await stage.put('load.csv', hourlyCsv(60));

    await expect(stage.run(upload)).rejects.toMatchObject({ code: 'object_changed', retryable: true });
    expect(reads).toBe(5);
    expect(stage.publisher.sent).toEqual([]);
    expect(await readdir(folder)).toEqual([]);
  });

  it('says that an object is gone', async () => {
    const stage = createStage();
    const upload = await stage.put('load.csv', hourlyCsv(60));
    await stage.storage.delete(BUCKETS.dataset, 'load.csv');

    await expect(stage.run(upload)).rejects.toMatchObject({
      code: 'object_not_found',
      retryable: false,
      message: expect.stringContaining('dataset/load.csv'),
    });
  });

  it('finds meta.json where the contract says', async () => {
    const stage = createStage();
    await stage.run(await stage.put('load.csv', hourlyCsv(60)));

    expect(metaKey('load', hashOf(stage))).toBe(`load/${hashOf(stage)}/meta.json`);
    expect(await stage.storage.head(BUCKETS.processed, `load/${hashOf(stage)}/meta.json`)).toBeDefined();
  });
});
