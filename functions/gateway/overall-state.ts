import type { STATES } from '../shared/status.ts';

export type State = (typeof STATES)[number];

export interface StageStates {
  readonly preprocess: State | undefined;
  /** Whether the file was split into groups, which have claims of their own. */
  readonly isSplit?: boolean;
  /** Of every expected trainer. */
  readonly train: readonly State[];
  readonly evaluate: State | undefined;
}

/**
 * One state for a claim, the first rule that fits:
 * 1. SUCCESS: evaluate promoted a model, or a file was split, whose groups go their own ways. What infer does with it comes after, and does not change it.
 * 2. FAILED: preprocess, evaluate, or every trainer failed.
 * 3. SKIPPED, WAITING: preprocess did nothing, or waits for something outside (its training file).
 * 4. RUNNING: anything has begun. WAITING: nothing has.
 */
export function overallState({ preprocess, isSplit = false, train, evaluate }: StageStates): State {
  if (evaluate === 'SUCCESS' || (isSplit && preprocess === 'SUCCESS')) return 'SUCCESS';
  const allFailed = train.length > 0 && train.every((state) => state === 'FAILED');
  if (preprocess === 'FAILED' || evaluate === 'FAILED' || allFailed) return 'FAILED';
  if (preprocess === 'SKIPPED' || preprocess === 'WAITING') return preprocess;
  const begun = [preprocess, evaluate, ...train].some((state) => state !== undefined && state !== 'WAITING');
  return begun ? 'RUNNING' : 'WAITING';
}
