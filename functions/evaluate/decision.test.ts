import { describe, expect, it } from 'vitest';
import { createMemoryStorage } from '../shared/storage/memory-storage.ts';
import { promotion } from './testing/promotion.ts';
import { fixDecision } from './decision.ts';
import { outcome } from './testing/evaluator.ts';

const KEY = 'load/config/claims/claim-1/decision.json';

describe('a decision', () => {
  it('fixes the claim’s settings and who serves now', async () => {
    const storage = createMemoryStorage();
    const incumbent = promotion({ identifier: 'load' });
    await storage.putJson('model-promotion', 'load/current.json', incumbent);
    const message = outcome('GRU', {}, { settings: { PROMOTION_GATE: 'incumbent' } });
    const fixed = await fixDecision(storage, message);
    expect(fixed).toEqual({
      v: 1,
      settings: {
        EXPECTED_MODEL_TYPES: ['GRU', 'LSTM'],
        PROMOTION_GATE: 'incumbent',
        EVALUATION_ALLOW_FAILED: false,
      },
      incumbent,
    });
    const stored = await storage.get('model-promotion', KEY);
    expect(JSON.parse(Buffer.from(stored?.body ?? []).toString())).toEqual(fixed);
  });

  it('stands, whatever serves and whatever is set later', async () => {
    const storage = createMemoryStorage();
    const first = await fixDecision(storage, outcome('GRU'));
    await storage.putJson('model-promotion', 'load/current.json', promotion({ identifier: 'load' }));
    const later = outcome('GRU', {}, { settings: { PROMOTION_GATE: 'none' } });
    expect(await fixDecision(storage, later)).toEqual(first);
    expect(first.incumbent).toBeNull();
  });

  it('is the rival’s where one was first', async () => {
    const storage = createMemoryStorage();
    const rival = await fixDecision(
      createMemoryStorage(),
      outcome('GRU', {}, { settings: { PROMOTION_GATE: 'none' } }),
    );
    const working = { ...storage };
    storage.putJson = async (bucket, key, value, options) => {
      storage.putJson = (...write) => working.putJson(...write);
      await working.putJson(bucket, key, rival, { ifNoneMatch: true });
      return working.putJson(bucket, key, value, options);
    };
    expect(await fixDecision(storage, outcome('GRU'))).toEqual(rival);
  });
});
