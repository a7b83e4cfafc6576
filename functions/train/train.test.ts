import { RuntimeError, type TrainedModel } from '@flts/model-runtime';
import { beforeAll, describe, expect, it } from 'vitest';
import { ServiceError } from '../shared/errors.ts';
import { metaKey } from '../shared/keys.ts';
import type { TrainingClaim } from '../shared/messages/schema.ts';
import type { StageStatus } from '../shared/status.ts';
import type { Storage } from '../shared/storage/storage.ts';
import { createThreadlessPool } from '../shared/testing/threadless-pool.ts';
import { LEASE_EXPIRES_MS } from './lease.ts';
import { createTrainer, trainedOnce } from './testing/trainer.ts';

let trained: TrainedModel;
beforeAll(async () => {
  const { services, claim } = await createTrainer();
  trained = await trainedOnce(services, claim);
});

const again = (claim: TrainingClaim): TrainingClaim => ({ ...claim, claim_id: 'another-claim' });

describe('a training claim', () => {
  it('that does not expect its model is let pass', async () => {
    const { claim, train: run, calls, tracking, publisher, status, lease, storage } = await createTrainer();
    const settings = { ...claim.settings, EXPECTED_MODEL_TYPES: ['LSTM' as const, 'TCN' as const] };
    await run({ ...claim, settings });
    expect([calls.train, tracking.runs(), publisher.sent, await status()]).toEqual([0, [], [], undefined]);
    expect(await storage.head('processed-data', lease)).toBeUndefined();
  });

  it('becomes a FINISHED run: artifacts, manifest, lease still ours, FINISHED, SUCCESS, in that order', async () => {
    const { claim, services, lease, train: run, storage, tracking, publisher } = await createTrainer();
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
    const { claim, train: run, messages, publisher, tracking, keyOf } = await createTrainer();
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
      batch: 3,
      batches: 3,
      loss: 1 / epoch,
      valLoss: 2 / epoch,
      rowsPerSecond: 10,
      etaS: 0,
    }));
    const {
      train: run,
      tracking,
      status,
      claim,
    } = await createTrainer({
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
    const names = ['loss', 'val_loss', 'rows_per_second'];
    const logged = tracking.history(runId).filter(({ key }) => names.includes(key));
    expect(logged.map(({ key, value, step }) => [key, value, step])).toEqual([
      ['loss', 1, 1],
      ['val_loss', 2, 1],
      ['rows_per_second', 10, 1],
      ['loss', 0.5, 2],
      ['val_loss', 1, 2],
      ['rows_per_second', 10, 2],
    ]);
    const figure = (name: string): number => created?.metrics[name] ?? Number.NaN;
    const score = 0.5 * figure('select_rmse') + 0.3 * figure('select_mae') + 0.2 * figure('select_mse');
    expect(figure('select_score')).toBeCloseTo(score, 12);
    expect(figure('test_rmse')).toBeGreaterThan(0);
    expect(await status()).toMatchObject({ state: 'SUCCESS', run_id: runId, reused: false });
  });

  it('tells /status once a second of epoch, batch, losses, speed and the time that is left', async () => {
    const at = { epochs: 9, batches: 4, rowsPerSecond: 10, etaS: 7 };
    const seen: (StageStatus | undefined)[] = [];
    const world = await createTrainer({
      train: async (_task, { onProgress } = {}) => {
        for (const [batch, valLoss] of [
          [4, 0.5],
          [1, null],
          [2, null],
        ] as const) {
          world.clock.now += 600;
          onProgress?.({ ...at, epoch: valLoss === null ? 3 : 2, batch, loss: batch, valLoss });
          await new Promise(setImmediate);
          seen.push(await world.status());
        }
        return trained;
      },
    });
    await world.train();
    const shown = { epochs: 9, batches: 4, rows_per_second: 10, eta_s: 7 };
    expect(seen).toMatchObject([
      { ...shown, epoch: 2, batch: 4, loss: 4, val_loss: 0.5 },
      { ...shown, epoch: 2, batch: 4, loss: 4, val_loss: 0.5 },
      { ...shown, epoch: 2, batch: 2, loss: 2, val_loss: 0.5 },
    ]);
    const epochs = world.log.lines.filter(({ event }) => event === 'training_epoch');
    expect(epochs).toMatchObject([{ ...shown, model_type: 'GRU', epoch: 2, loss: 4, val_loss: 0.5 }]);
  });

  it('shows in /status while it trains', async () => {
    let seen: StageStatus | undefined;
    const world = await createTrainer({
      train: async () => {
        seen = await world.status();
        return trained;
      },
    });
    await world.train();
    expect(seen).toMatchObject({ state: 'RUNNING', epoch: 0 });
    expect(seen).not.toHaveProperty('epochs');
  });
});

describe('a finished run of the same key', () => {
  it('is reused for another claim at once, without a lease', async () => {
    const { claim, train: run, calls, messages, storage, lease, status } = await createTrainer();
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
    const { train: run, left, messages } = await createTrainer();
    await left('FINISHED', 1000, false);
    const later = await left('FINISHED', 3000);
    const earlier = await left('FINISHED', 2000);
    await run();
    expect(later).not.toBe(earlier);
    expect(messages()).toMatchObject([{ status: 'SUCCESS', run_id: earlier, evaluation_hash: 'theirs' }]);
  });

  it('is looked for once more under the lease, since a rival may just have finished', async () => {
    const { claim, services, train: run, left, calls, messages, storage } = await createTrainer();
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
    const { claim, train: run, calls, messages } = await createTrainer();
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

describe('a training that fails', () => {
  const diverged = new RuntimeError('loss_diverged', 'expected a finite loss in epoch 3, got none');

  it('for good marks its run FAILED, and hands the error on', async () => {
    const { train: run, tracking, messages } = await createTrainer({ train: () => Promise.reject(diverged) });
    await expect(run()).rejects.toBe(diverged);
    expect(tracking.runs().map(({ status }) => status)).toEqual(['FAILED']);
    // FAILED is published only once the record is given up.
    expect(messages().map(({ status }) => status)).toEqual(['RUNNING']);
  });

  it('that would need more memory than its function has fails for good before it begins', async () => {
    const threadless = createThreadlessPool();
    const little = 100_000;
    const world = await createTrainer({ train: (...task) => threadless.train(...task) }, little);
    await expect(world.train()).rejects.toMatchObject({
      code: 'setting_invalid',
      retryable: false,
      message: expect.stringMatching(/within 1 MB of memory, got one of \d MB: 64 rows a batch x 12 steps/u),
    });
    expect(world.tracking.runs().map(({ status }) => status)).toEqual(['FAILED']);
  });

  it('for good while it is scored marks its run FAILED too', async () => {
    const broken = new RuntimeError('non_finite_prediction', 'expected a finite prediction, got NaN');
    const { train: run, tracking } = await createTrainer({ backtest: () => Promise.reject(broken) });
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
    } = await createTrainer({
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
    } = await createTrainer({
      train: async (_task, { onProgress } = {}) => {
        onProgress?.({
          epoch: 1,
          epochs: 1,
          batch: 1,
          batches: 1,
          loss: 1,
          valLoss: 1,
          rowsPerSecond: 1,
          etaS: 0,
        });
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
    const { claim, train: run, storage, tracking } = await createTrainer();
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
