import { FltsError } from '../shared/errors.ts';
import { readManifest } from '../shared/runs/manifest.ts';
import { EVALUATION_HASH_TAG } from '../shared/runs/training-key.ts';
import type { Run, Tracking } from '../shared/tracking/tracking.ts';
import type { Candidate, Figures } from './champion.ts';

/**
 * Reads a finished run as a candidate. A run takes part only with manifest, model and scaler.
 * @throws FltsError run_incomplete, naming what is missing
 */
export async function readCandidate(
  tracking: Tracking,
  runId: string,
  baseline: boolean,
): Promise<Candidate> {
  const run = await tracking.getRun(runId);
  if (run === undefined || run.deleted)
    throw new FltsError('run_incomplete', `expected run ${runId}, got none`);
  if (run.status !== 'FINISHED')
    throw new FltsError('run_incomplete', `expected run ${runId} FINISHED, got ${run.status}`);
  const manifest = await readManifest(tracking, run);
  const files = manifest?.files.map(({ path }) => path) ?? [];
  for (const needed of [`${run.runName}/model.json`, 'scaler/scaler.json']) {
    if (!files.includes(needed))
      throw new FltsError(
        'run_incomplete',
        `expected ${needed} in the manifest of run ${runId}, got ${files.join(', ') || 'no manifest'}`,
      );
  }
  return {
    modelType: run.runName,
    runId,
    runName: run.runName,
    startTime: run.startTime,
    evaluationHash: run.tags[EVALUATION_HASH_TAG] ?? '',
    baseline,
    select: figures(run, 'select'),
    test: figures(run, 'test'),
  };
}

function figures(run: Run, segment: string): Figures {
  const metric = (name: string): number => {
    const value = run.metrics[`${segment}_${name}`];
    if (value === undefined || !Number.isFinite(value)) {
      throw new FltsError(
        'run_incomplete',
        `expected a finite metric ${segment}_${name} in run ${run.runId}, got ${value}`,
      );
    }
    return value;
  };
  return { rmse: metric('rmse'), mae: metric('mae'), mse: metric('mse'), score: metric('score') };
}
