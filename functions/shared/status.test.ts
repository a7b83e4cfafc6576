import { beforeEach, describe, expect, it } from 'vitest';
import {
  announceClaim,
  newestClaimKey,
  statusPrefix,
  throttledStatus,
  writeStatus,
  type StageStatus,
} from './status.ts';
import { createMemoryStorage } from './storage/memory-storage.ts';
import type { Storage } from './storage/storage.ts';

const BUCKET = 'processed-data';
const status = (fields: Partial<StageStatus> = {}): StageStatus => ({
  identifier: 'load',
  claim_id: 'c-1',
  claimed_at: '2024-05-01T12:00:00.000Z',
  config_hash: null,
  stage: 'train',
  model_type: 'GRU',
  state: 'RUNNING',
  updated_at: '2024-05-01T12:00:01.000Z',
  ...fields,
});

async function json(storage: Storage, key: string): Promise<unknown> {
  const stored = await storage.get(BUCKET, key);
  return stored === undefined ? undefined : JSON.parse(Buffer.from(stored.body).toString());
}

describe('the status of a stage', () => {
  it('lies under its claim, named by stage and model type; the last writer wins', async () => {
    const storage = createMemoryStorage();
    await writeStatus(storage, status());
    await writeStatus(storage, status({ state: 'SUCCESS' }));
    const { model_type: _type, ...evaluate } = status({ stage: 'evaluate' });
    await writeStatus(storage, evaluate);
    expect(storage.keys()).toEqual([
      'processed-data/load/status/c-1/evaluate.json',
      'processed-data/load/status/c-1/train-GRU.json',
    ]);
    expect(await json(storage, `${statusPrefix('load', 'c-1')}train-GRU.json`)).toEqual(
      status({ state: 'SUCCESS' }),
    );
  });
});

describe('the newest claim', () => {
  const claim = (name: string, claimed_at: string) => ({ identifier: 'load', claim_id: name, claimed_at });
  const [first, second] = ['2024-05-01T12:00:00.000Z', '2024-05-01T12:00:00.001Z'];
  let storage: ReturnType<typeof createMemoryStorage>;
  beforeEach(() => {
    storage = createMemoryStorage();
  });
  const shown = (): Promise<unknown> => json(storage, newestClaimKey('load'));

  it.each(['garbage', '', 'null', '{"claim_id":1}'])('replaces %j, which is none', async (body) => {
    await storage.put(BUCKET, newestClaimKey('load'), body);
    await announceClaim(storage, claim('a', first));
    expect(await shown()).toEqual({ claim_id: 'a', claimed_at: first });
  });

  it('replaces an older one, and never a newer one, in whatever order they come', async () => {
    await announceClaim(storage, claim('b', second));
    await announceClaim(storage, claim('a', first));
    expect(await shown()).toEqual({ claim_id: 'b', claimed_at: second });
    await announceClaim(storage, claim('c', '2024-05-02T00:00:00.000Z'));
    expect(await shown()).toMatchObject({ claim_id: 'c' });
  });

  it('wins over a rival that wrote between reading and writing', async () => {
    await announceClaim(storage, claim('a', first));
    const rival = createRival(storage, () => announceClaim(storage, claim('b', second)));
    await announceClaim(rival, claim('c', '2024-05-02T00:00:00.000Z'));
    expect(await shown()).toMatchObject({ claim_id: 'c' });
  });

  it('yields to a newer rival that wrote between reading and writing', async () => {
    const rival = createRival(storage, () => announceClaim(storage, claim('c', '2024-05-02T00:00:00.000Z')));
    await announceClaim(rival, claim('b', second));
    expect(await shown()).toMatchObject({ claim_id: 'c' });
  });
});

/** Lets `act` happen once, just before the first write. */
function createRival(storage: Storage, act: () => Promise<void>): Storage {
  let acted = false;
  const putJson: Storage['putJson'] = async (...write) => {
    if (!acted) {
      acted = true;
      await act();
    }
    return storage.putJson(...write);
  };
  return { ...storage, putJson };
}

describe('progress', () => {
  function progress() {
    const clock = { now: 0 };
    const epochs: (number | undefined)[] = [];
    const storage = createMemoryStorage();
    const putJson: Storage['putJson'] = async (bucket, key, value, options) => {
      epochs.push((value as StageStatus).epoch);
      return storage.putJson(bucket, key, value, options);
    };
    return { clock, epochs, ...throttledStatus({ ...storage, putJson }, () => clock.now) };
  }

  it('is written at most once a second, and what came last within it by flush', async () => {
    const { clock, epochs, write, flush } = progress();
    for (const [now, epoch] of [
      [0, 1],
      [400, 2],
      [999, 3],
      [1000, 4],
      [1500, 5],
      [1600, 6],
    ] as const) {
      clock.now = now;
      write(status({ epoch }));
    }
    await flush();
    expect(epochs).toEqual([1, 4, 6]);
    await flush();
    expect(epochs).toEqual([1, 4, 6]);
  });

  it('that S3 does not take fails nothing', async () => {
    const storage = createMemoryStorage();
    const putJson: Storage['putJson'] = async () => {
      throw new Error('S3 is down');
    };
    const { write, flush } = throttledStatus({ ...storage, putJson }, () => 0);
    write(status());
    await expect(flush()).resolves.toBeUndefined();
  });
});
