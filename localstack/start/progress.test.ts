import { expect, it } from 'vitest';
import { progressLines } from './progress.ts';
import type { StageView } from './status.ts';

const lineOf = (gru: StageView): string => {
  const claim = { identifier: 'load', claim_id: 'c', state: 'RUNNING' };
  return progressLines({ ...claim, stages: { train: { GRU: gru } } })[1] ?? '';
};
const running = { state: 'RUNNING', epochs: 4, batches: 8, rows_per_second: 6310.4, eta_s: 2.3 };

it('the line of a training says how far its epochs are, how well it does, how fast it is, and what is left', () => {
  const line = lineOf({ ...running, epoch: 2, batch: 8, loss: 0.126, val_loss: 0.148 });
  expect(line).toBe(
    'train GRU        ██████████░░░░░░░░░░  epoch 2/4  loss .126  validate .148  6,310 rows/s  ETA 3 s',
  );
});

it('the line of a training within an epoch says how far its batches are', () => {
  const line = lineOf({ ...running, epoch: 0, batch: 4, loss: 0.5, val_loss: null });
  expect(line).toBe(
    'train GRU        ███░░░░░░░░░░░░░░░░░  epoch 0/4  batch 4/8  loss .500  6,310 rows/s  ETA 3 s',
  );
});

it('the line of a training that has only begun promises nothing', () => {
  expect(lineOf({ state: 'RUNNING', epoch: 0 })).toBe('train GRU        ░░░░░░░░░░░░░░░░░░░░');
});
