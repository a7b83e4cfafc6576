import { describe, expect, it } from 'vitest';
import { pointer, type Pointer } from '../shared/promotion.ts';
import { createMemoryStorage } from '../shared/storage/memory-storage.ts';
import type { Storage } from '../shared/storage/storage.ts';
import { createMemoryLog } from '../shared/testing/memory-services.ts';
import { movePointer, promote } from './pointer.ts';
import { promotion as earlierPromotion } from './testing/promotion.ts';

const promotion = (fields: Partial<Pointer> = {}): Pointer =>
  earlierPromotion({ claim_id: 'claim-1', claimed_at: '2026-01-01T00:00:00.000Z', ...fields });

const newer = promotion({
  claim_id: 'claim-2',
  claimed_at: '2026-01-02T00:00:00.000Z',
  promotion_id: 'bbbbbbbb-2',
  run_id: 'run-2',
});

const over = (storage: Storage) => ({ storage, log: createMemoryLog() });

async function pointedAt(storage: Storage, key: string): Promise<string | undefined> {
  return (await storage.getJson('model-promotion', key, pointer))?.value.run_id;
}

describe('a promotion', () => {
  it('writes history, the identifier and the root pointer', async () => {
    const storage = createMemoryStorage();
    await promote(over(storage), promotion());
    expect(storage.keys()).toEqual([
      'model-promotion/current.json',
      'model-promotion/mine/config/promotion-1767225600000-aaaaaaaa.json',
      'model-promotion/mine/current.json',
    ]);
  });

  it('delivered again leaves every byte as it was', async () => {
    const storage = createMemoryStorage();
    await promote(over(storage), promotion());
    const before = await Promise.all(
      storage.keys().map((key) => storage.get('model-promotion', key.slice('model-promotion/'.length))),
    );
    await promote(over(storage), promotion());
    const after = await Promise.all(
      storage.keys().map((key) => storage.get('model-promotion', key.slice('model-promotion/'.length))),
    );
    expect(after.map((object) => object?.etag)).toEqual(before.map((object) => object?.etag));
  });

  it('of an older claim that comes late does not move the pointer, but stays in the history', async () => {
    const storage = createMemoryStorage();
    await promote(over(storage), newer);
    await promote(over(storage), promotion());
    expect(await pointedAt(storage, 'mine/current.json')).toBe('run-2');
    expect(storage.keys().filter((key) => key.includes('/promotion-'))).toHaveLength(2);
  });

  it('of the same content claimed again (A, B, A) serves the last claim', async () => {
    const storage = createMemoryStorage();
    await promote(over(storage), promotion());
    await promote(over(storage), newer);
    await promote(
      over(storage),
      promotion({ claim_id: 'claim-3', claimed_at: '2026-01-03T00:00:00.000Z', promotion_id: 'cccccccc-3' }),
    );
    expect(await pointedAt(storage, 'mine/current.json')).toBe('run-1');
  });

  it('keeps the pointer when a rival with a newer claim wrote first', async () => {
    const inner = createMemoryStorage();
    let rivalled = false;
    const storage: Storage = {
      ...inner,
      putJson: async (bucket, key, value, options) => {
        if (!rivalled && key === 'mine/current.json') {
          rivalled = true;
          await inner.putJson(bucket, key, newer);
        }
        return inner.putJson(bucket, key, value, options);
      },
    };
    expect(await movePointer(over(storage), 'mine/current.json', promotion())).toBe(false);
    expect(await pointedAt(inner, 'mine/current.json')).toBe('run-2');
  });

  it('of 20 rivals at once ends with the newest claim', async () => {
    const storage = createMemoryStorage();
    const rivals = Array.from({ length: 20 }, (_, index) =>
      promotion({
        claim_id: `c${index}`,
        promotion_id: `p${index}`,
        run_id: `run-${index}`,
        claimed_at: new Date(Date.UTC(2026, 0, 1 + index)).toISOString(),
      }),
    );
    await Promise.all(rivals.map((rival) => movePointer(over(storage), 'mine/current.json', rival)));
    expect(await pointedAt(storage, 'mine/current.json')).toBe('run-19');
  });

  it.each([
    ['garbage', '{{'],
    ['nothing', ''],
    ['null', 'null'],
    ['a list', '[]'],
    ['the pointer of another version', JSON.stringify({ ...promotion(), v: 2 })],
    ['a pointer that was cut off', JSON.stringify(promotion()).slice(0, -40)],
  ])('replaces %s where a pointer should be, and says so', async (_name, body) => {
    const services = over(createMemoryStorage());
    await services.storage.put('model-promotion', 'current.json', body);
    await services.storage.put('model-promotion', 'mine/current.json', body);
    expect(await promote(services, promotion())).toMatchObject({ pointerMoved: true });
    expect(await pointedAt(services.storage, 'mine/current.json')).toBe('run-1');
    expect(await pointedAt(services.storage, 'current.json')).toBe('run-1');
    expect(services.log.lines).toMatchObject([
      { level: 'warn', event: 'pointer_unreadable', place: 'model-promotion/mine/current.json' },
      { level: 'warn', event: 'pointer_unreadable', place: 'model-promotion/current.json' },
    ]);
  });

  it('that does not move its identifier’s pointer does not move the root pointer either', async () => {
    const services = over(createMemoryStorage());
    await services.storage.putJson('model-promotion', 'mine/current.json', newer);
    expect(await promote(services, promotion())).toMatchObject({ pointerMoved: false });
    expect(await pointedAt(services.storage, 'current.json')).toBeUndefined();
  });
});
