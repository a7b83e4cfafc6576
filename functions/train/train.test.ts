import { RuntimeError, trainModel, type RuntimePool, type TrainedModel } from '@flts/model-runtime';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { hourlyCsv } from '../preprocess/testing/stage.ts';
import { loadDataset } from '../shared/dataset/load.ts';
import { ServiceError } from '../shared/errors.ts';
import { leaseKey, metaKey } from '../shared/keys.ts';
import type { TrainingClaim } from '../shared/messages/schema.ts';
import { storeArtifacts } from '../shared/runs/manifest.ts';
import { trainTask } from '../shared/runs/train-task.ts';
import { trainingKey } from '../shared/runs/training-key.ts';
import { stageStatus, type StageStatus } from '../shared/status.ts';
import type { Storage } from '../shared/storage/storage.ts';
import { createMemoryServices } from '../shared/testing/memory-services.ts';
import { processUpload } from '../shared/testing/promoted.ts';
import { createThreadlessPool } from '../shared/testing/threadless-pool.ts';
import type { Run } from '../shared/tracking/tracking.ts';
import { LEASE_EXPIRES_MS, LEASE_RENEW_MS, takeLease } from './lease.ts';
import { train, type Trainer } from './train.ts';

const TOPIC = 'model-training';
const delivery = {
  topic: 'training-data',
  partition: 0,
  offset: 3,
  timestamp: 0,
  key: 'load',
  headers: {},
  correlationId: 'c-1',
  remainingMs: () => 60_000,
};

/** Trained once; the tests are about what comes before and after. */
let trained: TrainedModel;
beforeAll(async () => {
  const { claim, services } = await trainer();
  const { meta, series } = await loadDataset(services.storage, claim.identifier, claim.config_hash);
  trained = await trainModel(trainTask('GRU', meta, series, claim.settings));
});

/** A trainer of GRU over services in memory that hold a processed upload. */
async function trainer(pool: Partial<RuntimePool> = {}) {
  const world = createMemoryServices();
  const { training: claim } = await processUpload(world.services, 'load', { csv: hourlyCsv(400) });
  const work = { ...createThreadlessPool(), train: async () => trained, ...pool };
  const calls = { train: 0 };
  const counted: RuntimePool = { ...work, train: (...task) => ((calls.train += 1), work.train(...task)) };
  const own: Trainer = { modelType: 'GRU', pool: counted, holder: 'us' };
  const keyOf = (of: TrainingClaim, claimId?: string): string =>
    trainingKey({
      identifier: of.identifier,
      configHash: of.config_hash,
      modelType: 'GRU',
      settings: of.settings,
      ...(claimId === undefined ? {} : { claimId }),
    });
  const { identifier, config_hash: configHash } = claim;
  return {
    ...world,
    claim,
    calls,
    keyOf,
    lease: leaseKey(identifier, configHash, keyOf(claim)),
    rival: () =>
      takeLease(world.storage, { identifier, configHash, trainingKey: keyOf(claim), holder: 'rival' }),
    train: (of = claim, services = world.services) => train(of, delivery, own, services),
    messages: () => world.publisher.messages(TOPIC),
    run: (runId: string): Run | undefined => world.tracking.runs().find((run) => run.runId === runId),
    status: async (of = claim): Promise<StageStatus | undefined> => {
      const key = `${of.identifier}/status/${of.claim_id}/train-GRU.json`;
      return (await world.storage.getJson('processed-data', key, stageStatus))?.value;
    },
    /** A run of the claim's key as another trainer may have left it. */
    left: async (status: Run['status'], startTime: number, complete = true): Promise<string> => {
      const experimentId = await world.tracking.experimentId(identifier);
      const tags = { 'flts.training_key': keyOf(claim), 'flts.evaluation_hash': 'theirs' };
      const run = await world.tracking.createRun({ experimentId, runName: 'GRU', startTime, tags });
      if (complete) await storeArtifacts(world.tracking, run, keyOf(claim), []);
      await world.tracking.setStatus(run.runId, status, startTime + 1);
      return run.runId;
    },
  };
}

const again = (claim: TrainingClaim): TrainingClaim => ({ ...claim, claim_id: 'another-claim' });

describe('a training claim', () => {
  it('becomes a FINISHED run: artifacts, manifest, lease still ours, FINISHED, SUCCESS, in that order', async () => {
    const { claim, services, lease, train: run, storage, tracking, publisher } = await trainer();
    const steps: string[] = [];
    await run(claim, {
      ...services,
      storage: {
        ...storage,
        putJson: (...put) => {
          if (put[1] === lease) steps.push('lease');
          return storage.putJson(...put);
        },
      },
      tracking: {
        ...tracking,
        createRun: (...of) => (steps.push('run'), tracking.createRun(...of)),
        putArtifact: (...put) => (steps.push(put[1]), tracking.putArtifact(...put)),
        setStatus: (...set) => (steps.push(set[1]), tracking.setStatus(...set)),
      },
      publisher: {
        ...publisher,
        publish: (...sent) => (steps.push(String(sent[1]['status'])), publisher.publish(...sent)),
      },
    });
    expect(steps).toEqual([
      'lease',
      'run',
      'lease',
      'RUNNING',
      'GRU/model.json',
      'GRU/weights.bin',
      'scaler/scaler.json',
      'predictions/select.parquet',
      'predictions/test.parquet',
      'manifest.json',
      'lease',
      'FINISHED',
      'SUCCESS',
    ]);
  });

  it('is told of to the evaluator, with the envelope, the run and the settings', async () => {
    const { claim, train: run, messages, publisher, tracking, keyOf } = await trainer();
    await run();
    const created = tracking.runs()[0];
    const common = {
      v: 1,
      identifier: 'load',
      config_hash: claim.config_hash,
      claim_id: claim.claim_id,
      claimed_at: claim.claimed_at,
      produced_at: '2024-05-01T12:00:00.000Z',
      experiment: 'load',
      run_name: 'GRU',
      model_type: 'GRU',
      run_id: created?.runId,
      training_key: keyOf(claim),
      evaluation_hash: created?.tags['flts.evaluation_hash'],
      settings: claim.settings,
    };
    expect(messages()).toEqual([
      { ...common, operation: 'Training Started: GRU', status: 'RUNNING' },
      { ...common, operation: 'Trained: GRU', status: 'SUCCESS' },
    ]);
    expect(publisher.sent.map(({ key, headers }) => [key, headers])).toEqual([
      ['load', { correlation_id: 'c-1' }],
      ['load', { correlation_id: 'c-1' }],
    ]);
  });

  it('leaves parameters, epochs and scores with the run, and its progress with /status', async () => {
    const epochs = [1, 2].map((epoch) => ({
      epoch,
      epochs: 2,
      loss: 1 / epoch,
      valLoss: 2 / epoch,
      etaS: 0,
    }));
    const {
      train: run,
      tracking,
      status,
      claim,
    } = await trainer({
      train: async (_task, { onProgress } = {}) => {
        for (const progress of epochs) onProgress?.(progress);
        return trained;
      },
    });
    await run();
    const created = tracking.runs()[0];
    const runId = created?.runId ?? '';
    expect(created?.params).toMatchObject({
      model_type: 'GRU',
      inputSeqLen: '12',
      seed: '42',
      best_epoch: '1',
    });
    expect(created?.tags).toMatchObject({
      'flts.config_hash': claim.config_hash,
      'flts.model_type': 'GRU',
    });
    const logged = tracking.history(runId).filter(({ key }) => ['loss', 'val_loss'].includes(key));
    expect(logged.map(({ key, value, step }) => [key, value, step])).toEqual([
      ['loss', 1, 1],
      ['val_loss', 2, 1],
      ['loss', 0.5, 2],
      ['val_loss', 1, 2],
    ]);
    const figure = (name: string): number => created?.metrics[name] ?? Number.NaN;
    const score = 0.5 * figure('select_rmse') + 0.3 * figure('select_mae') + 0.2 * figure('select_mse');
    expect(figure('select_score')).toBeCloseTo(score, 12);
    expect(figure('test_rmse')).toBeGreaterThan(0);
    expect(await status()).toMatchObject({ state: 'SUCCESS', run_id: runId, reused: false });
  });

  it('shows in /status while it trains', async () => {
    let seen: StageStatus | undefined;
    const world = await trainer({
      train: async () => {
        seen = await world.status();
        return trained;
      },
    });
    await world.train();
    expect(seen).toMatchObject({ state: 'RUNNING', epoch: 0, epochs: world.claim.settings.EPOCHS });
  });
});

describe('a finished run of the same key', () => {
  it('is reused for another claim at once, without a lease', async () => {
    const { claim, train: run, calls, messages, storage, lease, status } = await trainer();
    await run();
    await storage.delete('processed-data', lease);
    await run(again(claim));
    expect(calls.train).toBe(1);
    expect(storage.keys()).not.toContain(`processed-data/${lease}`);
    const [, first, second] = messages();
    expect(second).toEqual({ ...first, claim_id: 'another-claim' });
    expect(await status(again(claim))).toMatchObject({ state: 'SUCCESS', reused: true });
  });

  it('is the earliest of several, and never one without a manifest', async () => {
    const { train: run, left, messages } = await trainer();
    await left('FINISHED', 1000, false);
    const later = await left('FINISHED', 3000);
    const earlier = await left('FINISHED', 2000);
    await run();
    expect(later).not.toBe(earlier);
    expect(messages()).toMatchObject([{ status: 'SUCCESS', run_id: earlier, evaluation_hash: 'theirs' }]);
  });

  it('is looked for once more under the lease, since a rival may just have finished', async () => {
    const { claim, services, train: run, left, calls, messages, storage } = await trainer();
    let finished = '';
    const putJson: Storage['putJson'] = async (bucket, key, value, options) => {
      if (key.includes('/leases/') && finished === '') finished = await left('FINISHED', 1000);
      return storage.putJson(bucket, key, value, options);
    };
    await run(claim, { ...services, storage: { ...storage, putJson } });
    expect(calls.train).toBe(0);
    expect(messages()).toMatchObject([{ status: 'SUCCESS', run_id: finished }]);
  });

  it('is passed over by FORCE_RETRAIN, once a claim', async () => {
    const { claim, train: run, calls, messages } = await trainer();
    await run();
    const forced = { ...again(claim), settings: { ...claim.settings, FORCE_RETRAIN: true } };
    await run(forced);
    await run(forced);
    expect(calls.train).toBe(2);
    const runs = messages().flatMap(({ status, run_id }) => (status === 'SUCCESS' ? [run_id] : []));
    expect(runs[1]).not.toBe(runs[0]);
    expect(runs[2]).toBe(runs[1]);
  });
});

describe('trainers of the same key', () => {
  it('give way to a living one, and come again', async () => {
    const { train: run, rival, tracking, messages } = await trainer();
    await rival();
    await expect(run()).rejects.toMatchObject({ code: 'lease_held', retryable: true });
    expect([tracking.runs(), messages()]).toEqual([[], []]);
  });

  it('mark what a dead one left as KILLED, and nothing of other keys', async () => {
    const { train: run, left, run: runOf, tracking, clock, rival } = await trainer();
    await rival();
    clock.now += LEASE_EXPIRES_MS + 1;
    const dead = await left('RUNNING', 1000, false);
    const experimentId = await tracking.experimentId('load');
    const tags = { 'flts.training_key': 'other' };
    const other = await tracking.createRun({ experimentId, runName: 'GRU', startTime: 0, tags });
    await run();
    expect([runOf(dead)?.status, runOf(other.runId)?.status]).toEqual(['KILLED', 'RUNNING']);
    expect(tracking.runs().at(-1)).toMatchObject({ status: 'FINISHED' });
  });

  it('stop when a rival has taken over, and publish nothing more', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    try {
      let stopped: unknown;
      const world = await trainer({
        train: async (_task, { signal } = {}) => {
          world.clock.now += LEASE_EXPIRES_MS + 1;
          await world.rival();
          await vi.advanceTimersByTimeAsync(LEASE_RENEW_MS);
          stopped = signal?.aborted;
          throw new RuntimeError('task_cancelled', 'cancelled', { retryable: true });
        },
      });
      await expect(world.train()).rejects.toMatchObject({ code: 'lease_lost', retryable: true });
      expect(stopped).toBe(true);
      expect(world.messages().map(({ status }) => status)).toEqual(['RUNNING']);
      expect(world.tracking.runs().map(({ status }) => status)).toEqual(['RUNNING']);
    } finally {
      vi.useRealTimers();
    }
  });

  it('keep their lease alive while a trained model is scored and stored', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    try {
      const rivals: unknown[] = [];
      const { backtest } = createThreadlessPool();
      const world = await trainer({
        backtest: async (task) => {
          for (let passed = 0; passed <= LEASE_EXPIRES_MS; passed += LEASE_RENEW_MS) {
            world.clock.now += LEASE_RENEW_MS;
            await vi.advanceTimersByTimeAsync(LEASE_RENEW_MS);
          }
          rivals.push(await world.rival().catch((cause: unknown) => cause));
          return backtest(task);
        },
      });
      await world.train();
      const held = expect.objectContaining({
        code: 'lease_held',
        message: expect.stringContaining('held by us'),
      });
      expect(rivals).toEqual([held, held]);
    } finally {
      vi.useRealTimers();
    }
  });

  it('do not finish a run whose lease went while it was stored', async () => {
    const { claim, services, clock, rival, train: run, tracking, messages } = await trainer();
    const putArtifact: typeof tracking.putArtifact = async (...put) => {
      await tracking.putArtifact(...put);
      if (put[1] !== 'manifest.json') return;
      clock.now += LEASE_EXPIRES_MS + 1;
      await rival();
    };
    const stored = run(claim, { ...services, tracking: { ...tracking, putArtifact } });
    await expect(stored).rejects.toMatchObject({ code: 'lease_lost', retryable: true });
    expect(tracking.runs().map(({ status }) => status)).toEqual(['RUNNING']);
    expect(messages().map(({ status }) => status)).toEqual(['RUNNING']);
  });
});

describe('a training that fails', () => {
  const diverged = new RuntimeError('loss_diverged', 'expected a finite loss in epoch 3, got none');

  it('for good marks its run FAILED, and hands the error on', async () => {
    const { train: run, tracking, messages } = await trainer({ train: () => Promise.reject(diverged) });
    await expect(run()).rejects.toBe(diverged);
    expect(tracking.runs().map(({ status }) => status)).toEqual(['FAILED']);
    // FAILED is published only once the record is given up.
    expect(messages().map(({ status }) => status)).toEqual(['RUNNING']);
  });

  it('for good while it is scored marks its run FAILED too', async () => {
    const broken = new RuntimeError('non_finite_prediction', 'expected a finite prediction, got NaN');
    const { train: run, tracking } = await trainer({ backtest: () => Promise.reject(broken) });
    await expect(run()).rejects.toBe(broken);
    expect(tracking.runs().map(({ status }) => status)).toEqual(['FAILED']);
  });

  it('for now leaves its run to the next attempt, which kills it and trains anew', async () => {
    const late = new RuntimeError('task_timeout', 'expected train within 1 ms', { retryable: true });
    let attempts = 0;
    const {
      train: run,
      tracking,
      clock,
    } = await trainer({
      train: () => ((attempts += 1), attempts === 1 ? Promise.reject(late) : Promise.resolve(trained)),
    });
    await expect(run()).rejects.toBe(late);
    expect(tracking.runs().map(({ status }) => status)).toEqual(['RUNNING']);
    clock.now += LEASE_EXPIRES_MS + 1;
    await run();
    expect(tracking.runs().map(({ status }) => status)).toEqual(['KILLED', 'FINISHED']);
  });

  it('with MLflow away while epochs are logged comes again', async () => {
    const {
      claim,
      services,
      train: run,
      tracking,
      messages,
    } = await trainer({
      train: async (_task, { onProgress } = {}) => {
        onProgress?.({ epoch: 1, epochs: 1, loss: 1, valLoss: 1, etaS: 0 });
        return trained;
      },
    });
    const log: typeof tracking.log = async (runId, fields) => {
      if (fields.metrics?.[0]?.key === 'loss') throw new ServiceError('tracking_unavailable', 'no MLflow');
      await tracking.log(runId, fields);
    };
    const failed = run(claim, { ...services, tracking: { ...tracking, log } });
    await expect(failed).rejects.toMatchObject({ code: 'tracking_unavailable', retryable: true });
    expect(tracking.runs().map(({ status }) => status)).toEqual(['RUNNING']);
    expect(messages().map(({ status }) => status)).toEqual(['RUNNING']);
  });

  it('for want of its data set names what is gone, and begins no run', async () => {
    const { claim, train: run, storage, tracking } = await trainer();
    const key = metaKey(claim.identifier, claim.config_hash);
    await storage.delete('processed-data', key);
    await expect(run()).rejects.toMatchObject({
      code: 'object_not_found',
      retryable: false,
      message: expect.stringContaining(`processed-data/${key}`),
    });
    expect(tracking.runs()).toEqual([]);
  });
});
