import { describe, expect, it } from 'vitest';
import { silentLog } from '../shared/log.ts';
import { statusPrefix, stageStatus, type StageStatus } from '../shared/status.ts';
import { createMemoryStorage } from '../shared/storage/memory-storage.ts';
import { BUCKETS } from '../shared/topics.ts';
import type { Figures } from './progress.ts';
import { withProgress } from './tell-progress.ts';

const statusOf = (figures: Figures & { readonly message: string }): StageStatus => ({
  identifier: 'x',
  claim_id: 'c',
  claimed_at: '2001-01-01T00:00:00.000Z',
  config_hash: null,
  stage: 'preprocess',
  state: 'RUNNING',
  updated_at: '2001-01-01T00:00:00.000Z',
  ...figures,
});

describe('progress', () => {
  it('is told once a second at most, to /status and the log, and is there once the work has ended', async () => {
    const clock = { now: 0 };
    const storage = createMemoryStorage();
    const events: unknown[] = [];
    const log = { ...silentLog, info: (fields: unknown) => void events.push(fields) };
    const ended = await withProgress({ storage, log, now: () => clock.now }, statusOf, async (tell) => {
      for (let rows = 100; rows <= 1000; rows += 100) {
        clock.now += 300;
        tell({ phase: 'read', share: rows / 1000, rows });
      }
      return 'done';
    });

    expect(ended).toBe('done');
    const figures = { share: 0.28, rows_per_second: 117, eta_s: 6.171 };
    expect(events).toEqual([
      expect.objectContaining({
        event: 'preprocess_progress',
        phase: 'read',
        share: 0.14,
        rows_per_second: 117,
      }),
      expect.objectContaining({ identifier: 'x', claim_id: 'c', ...figures }),
    ]);
    const stored = await storage.getJson(
      BUCKETS.processed,
      `${statusPrefix('x', 'c')}preprocess.json`,
      stageStatus,
    );
    expect(stored?.value).toMatchObject({ state: 'RUNNING', message: 'read', ...figures });
  });
});
