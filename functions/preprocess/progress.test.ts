import { describe, expect, it } from 'vitest';
import { createFigures, overallShare, type Progress, type Work } from './progress.ts';
import { inPortions, runWork } from './threads/run-work.ts';

function* work(): Work<string> {
  yield { phase: 'lay', share: 0.5 };
  yield { phase: 'lay', share: 1 };
  return 'done';
}

describe('work in portions', () => {
  it('ends alike at once and portion by portion, telling of each and letting others run in between', async () => {
    const seen: unknown[] = [];
    setImmediate(() => seen.push('another'));
    const ended = await inPortions(work(), ({ share }) => seen.push(share));

    expect(ended).toBe('done');
    expect(runWork(work())).toBe('done');
    expect(seen).toEqual([0.5, 'another', 1]);
  });
});

describe('overallShare', () => {
  it('grows from 0 to 1 through the phases', () => {
    const phases = ['read', 'lay', 'clean', 'derive', 'write'] as const;
    const shares = phases.flatMap((phase) => [0, 0.5, 1].map((share) => overallShare({ phase, share })));

    expect(shares[0]).toBe(0);
    expect(shares.at(-1)).toBeCloseTo(1, 12);
    expect(shares).toEqual(shares.toSorted((a, b) => a - b));
  });
});

describe('createFigures', () => {
  it('reckons speed and remaining time from what has been done', () => {
    const clock = { now: 5000 };
    const figures = createFigures(() => clock.now);
    clock.now += 10_000;
    const reading: Progress = { phase: 'read', share: 0.5, rows: 1000 };
    const share = overallShare(reading);

    expect(figures(reading)).toEqual({
      share,
      rows_per_second: Math.round((2000 * share) / 10),
      eta_s: Math.round(((10 * (1 - share)) / share) * 1000) / 1000,
    });
    clock.now += 30_000;
    expect(figures({ phase: 'write', share: 1 })).toEqual({ share: 1, rows_per_second: 50, eta_s: 0 });
  });
});
