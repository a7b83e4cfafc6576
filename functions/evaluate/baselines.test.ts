import { loadForecaster } from '@flts/model-runtime';
import { BASELINE_TYPES } from '@flts/model-runtime/families';
import { describe, expect, it } from 'vitest';
import { hourlyCsv } from '../preprocess/testing/stage.ts';
import { loadDataset } from '../shared/dataset/load.ts';
import { evaluationPlan } from '../shared/runs/evaluation-plan.ts';
import { createMemoryServices } from '../shared/testing/memory-services.ts';
import { processUpload } from '../shared/testing/promoted.ts';
import { createThreadlessPool } from '../shared/testing/threadless-pool.ts';
import { baselineRuns, type BaselinesOf } from './baselines.ts';
import { readCandidate } from './candidates.ts';

async function dataset() {
  const world = createMemoryServices();
  const { training } = await processUpload(world.services, 'load', { csv: hourlyCsv(400) });
  const { identifier, config_hash: configHash, settings } = training;
  const calls = { load: 0 };
  const of: BaselinesOf = {
    identifier,
    configHash,
    settings,
    load: () => ((calls.load += 1), loadDataset(world.storage, identifier, configHash)),
  };
  return {
    ...world,
    calls,
    of,
    runs: (services = world.services) => baselineRuns(of, services, createThreadlessPool()),
  };
}

describe('the baselines of a data set', () => {
  it('are finished runs that compete: scored on the claim’s origins, with model, scaler and predictions', async () => {
    const { runs, of, tracking } = await dataset();
    const made = await runs();
    expect(made.map(({ runName, status }) => [runName, status])).toEqual(
      BASELINE_TYPES.map((type) => [type, 'FINISHED']),
    );
    const { meta, series } = await of.load();
    const plan = evaluationPlan(meta, series, of.settings);
    for (const run of made) {
      const { evaluationHash, select } = await readCandidate(tracking, run.runId, true);
      expect(evaluationHash).toBe(plan.hash);
      expect(select.score).toBeGreaterThan(0);
      const bytes = await tracking.getArtifact(run, `${run.runName}/model.json`);
      const model = await loadForecaster([{ path: 'model.json', bytes: bytes ?? new Uint8Array() }]);
      expect(model.info).toMatchObject({ modelType: run.runName, roles: { targets: ['load', 'flow'] } });
    }
    // The demo's load repeats after a day, but for a remainder of five.
    const seasonal = made.find(({ runName }) => runName === 'SEASONAL_NAIVE');
    expect(seasonal?.params['season']).toBe('24');
  });

  it('are made once, without looking at the data again', async () => {
    const { runs, calls, tracking } = await dataset();
    const first = await runs();
    const loads = calls.load;
    const again = await runs();
    expect(again.map(({ runId }) => runId)).toEqual(first.map(({ runId }) => runId));
    expect([calls.load, tracking.runs().length]).toEqual([loads, BASELINE_TYPES.length]);
  });

  it('leave none RUNNING that a crash left behind', async () => {
    const { runs, tracking, services } = await dataset();
    const killed = {
      ...services,
      tracking: { ...tracking, setStatus: () => Promise.reject(new Error('SIGKILL')) },
    };
    await expect(runs(killed)).rejects.toThrow('SIGKILL');
    expect(tracking.runs().map(({ status }) => status)).toEqual(['RUNNING']);
    await runs();
    expect(
      tracking
        .runs()
        .map(({ status }) => status)
        .toSorted(),
    ).toEqual([...BASELINE_TYPES.map(() => 'FINISHED'), 'KILLED']);
  });

  it('are the earliest ones where two evaluators make them at once', async () => {
    const { runs, tracking, services, clock } = await dataset();
    const meet = meetingPlace();
    const ticking = {
      ...services,
      now: () => (clock.now += 1),
      tracking: {
        ...tracking,
        // Both have looked for a finished run, and found none, before either makes its own.
        createRun: async (run: Parameters<typeof tracking.createRun>[0]) => {
          await meet(run.runName);
          return tracking.createRun(run);
        },
      },
    };
    const both = await Promise.all([runs(ticking), runs(ticking)]);
    expect(tracking.runs()).toHaveLength(2 * BASELINE_TYPES.length);
    const third = await runs();
    for (const [index, run] of third.entries()) {
      const times = tracking
        .runs()
        .flatMap(({ runName, startTime }) => (runName === run.runName ? [startTime] : []));
      expect(run.startTime).toBe(Math.min(...times));
      expect(both.map((made) => made[index]?.runId)).toContain(run.runId);
    }
  });
});

/** Holds the first who comes under a name until the second does. */
function meetingPlace(): (name: string) => Promise<void> {
  const waiting = new Map<string, () => void>();
  return async (name) => {
    const other = waiting.get(name);
    if (other !== undefined) return other();
    await new Promise<void>((resolve) => waiting.set(name, resolve));
  };
}
