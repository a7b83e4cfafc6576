import { describe, expect, it } from 'vitest';
import type { ModelTraining } from '../shared/messages/schema.ts';
import { claimSettings } from '../shared/settings/settings.ts';
import { createMemoryStorage } from '../shared/storage/memory-storage.ts';
import { claimFolder } from '../shared/keys.ts';
import { mark, readMarkers } from './markers.ts';

const folder = claimFolder('mine', 'config', 'claim');

function outcome(fields: Partial<ModelTraining>): ModelTraining {
  return {
    v: 1,
    identifier: 'mine',
    config_hash: 'config',
    claim_id: 'claim',
    claimed_at: '2026-01-01T00:00:00.000Z',
    produced_at: '2026-01-01T00:00:00.000Z',
    operation: 'Trained: GRU',
    status: 'SUCCESS',
    experiment: 'mine',
    run_name: 'GRU',
    run_id: 'run-1',
    model_type: 'GRU',
    training_key: 'key',
    evaluation_hash: 'origins',
    settings: claimSettings.parse({}),
    ...fields,
  };
}

const failed = outcome({
  status: 'FAILED',
  run_id: undefined,
  error: { name: 'RuntimeError', code: 'loss_diverged', message: 'epoch 3' },
});

describe('markers', () => {
  it('say which of the expected types are there', async () => {
    const storage = createMemoryStorage();
    await mark(storage, outcome({ model_type: 'LSTM', run_id: 'run-2' }));
    await mark(storage, outcome({}));
    const markers = await readMarkers(storage, folder, ['GRU', 'LSTM', 'PROPHET']);
    expect(markers.map(({ model_type, run_id }) => [model_type, run_id])).toEqual([
      ['GRU', 'run-1'],
      ['LSTM', 'run-2'],
    ]);
  });

  it('let a later SUCCESS replace FAILED', async () => {
    const storage = createMemoryStorage();
    await mark(storage, failed);
    await mark(storage, outcome({}));
    expect((await readMarkers(storage, folder, ['GRU']))[0]).toMatchObject({
      status: 'SUCCESS',
      run_id: 'run-1',
      error: null,
    });
  });

  it('never let FAILED replace SUCCESS', async () => {
    const storage = createMemoryStorage();
    await mark(storage, outcome({}));
    await mark(storage, failed);
    expect((await readMarkers(storage, folder, ['GRU']))[0]).toMatchObject({ status: 'SUCCESS' });
  });

  it('keep the error of a type that failed', async () => {
    const storage = createMemoryStorage();
    await mark(storage, failed);
    expect((await readMarkers(storage, folder, ['GRU']))[0]).toMatchObject({
      status: 'FAILED',
      error: { code: 'loss_diverged' },
    });
  });
});
