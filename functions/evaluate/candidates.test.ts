import { describe, expect, it } from 'vitest';
import { readCandidate } from './candidates.ts';
import { evaluator } from './testing/evaluator.ts';

describe('a finished run', () => {
  it('is read as a candidate, with the figures of both segments', async () => {
    const { run, tracking } = await evaluator();
    const runId = await run('GRU', { score: 0.5, startTime: 7 });
    const figures = (value: number) => ({ rmse: value, mae: value, mse: value, score: value });
    expect(await readCandidate(tracking, runId, false)).toEqual({
      modelType: 'GRU',
      runId,
      runName: 'GRU',
      startTime: 7,
      evaluationHash: 'origins',
      baseline: false,
      select: figures(0.5),
      test: figures(1),
    });
  });

  it.each(['select_rmse', 'test_score'])('is refused with a %s that is no number', async (key) => {
    const { run, tracking } = await evaluator();
    const runId = await run('GRU', { score: 0.5 });
    await tracking.log(runId, { metrics: [{ key, value: Number.NaN, step: 0, timestamp: 0 }] });
    await expect(readCandidate(tracking, runId, false)).rejects.toMatchObject({
      code: 'run_incomplete',
      retryable: false,
      message: expect.stringContaining(`${key} in run ${runId}, got NaN`),
    });
  });

  it.each([
    [['scaler/scaler.json'], 'GRU/model.json'],
    [['GRU/model.json'], 'scaler/scaler.json'],
    [[], 'GRU/model.json'],
  ])('is refused with %j alone, for want of %s', async (artifacts, missing) => {
    const { run, tracking } = await evaluator();
    const runId = await run('GRU', { score: 0.5, artifacts });
    await expect(readCandidate(tracking, runId, false)).rejects.toMatchObject({
      code: 'run_incomplete',
      message: expect.stringContaining(`expected ${missing} in the manifest of run ${runId}`),
    });
  });
});

describe('a run that is no candidate', () => {
  it.each(['RUNNING', 'FAILED', 'KILLED'] as const)('is one that is %s', async (status) => {
    const { run, tracking } = await evaluator();
    const runId = await run('GRU', { score: 0.5 });
    await tracking.setStatus(runId, status, 0);
    await expect(readCandidate(tracking, runId, false)).rejects.toMatchObject({
      code: 'run_incomplete',
      message: `expected run ${runId} FINISHED, got ${status}`,
    });
  });

  it('is one that is gone, or deleted', async () => {
    const { run, tracking } = await evaluator();
    const runId = await run('GRU', { score: 0.5 });
    const deleted = {
      ...tracking,
      getRun: async (id: string) => ({ ...(await tracking.getRun(id)), deleted: true }),
    };
    const got = { code: 'run_incomplete', message: expect.stringContaining('got none') };
    await expect(readCandidate(deleted as typeof tracking, runId, false)).rejects.toMatchObject(got);
    tracking.remove(runId);
    await expect(readCandidate(tracking, runId, false)).rejects.toMatchObject(got);
  });

  it('is one whose manifest cannot be read', async () => {
    const { run, tracking } = await evaluator();
    const runId = await run('GRU', { score: 0.5 });
    const stored = await tracking.getRun(runId);
    if (stored !== undefined) await tracking.putArtifact(stored, 'manifest.json', '{"v":1');
    await expect(readCandidate(tracking, runId, false)).rejects.toMatchObject({
      code: 'run_incomplete',
      message: expect.stringContaining('6 unreadable bytes'),
    });
  });
});
