import { describe, expect, it } from 'vitest';
import { overallState, type State } from './overall-state.ts';

describe('the state of a claim', () => {
  it.each<[State, string, State | undefined, State[], State | undefined]>([
    ['WAITING', 'nothing has begun', undefined, [], undefined],
    ['WAITING', 'preprocess waits for the training file', 'WAITING', [], undefined],
    ['SKIPPED', 'preprocess did nothing', 'SKIPPED', [], undefined],
    ['RUNNING', 'preprocess runs', 'RUNNING', [], undefined],
    ['RUNNING', 'preprocess is done, no trainer has begun', 'SUCCESS', ['WAITING', 'WAITING'], undefined],
    ['RUNNING', 'a trainer runs', 'SUCCESS', ['RUNNING', 'WAITING'], 'WAITING'],
    [
      'RUNNING',
      'one trainer of two failed: the evaluator has the word',
      'SUCCESS',
      ['FAILED', 'SUCCESS'],
      'WAITING',
    ],
    ['RUNNING', 'all trainers are done', 'SUCCESS', ['SUCCESS', 'SUCCESS'], 'WAITING'],
    ['RUNNING', 'a claim by hand has no preprocess', undefined, ['RUNNING'], undefined],
    ['FAILED', 'preprocess failed', 'FAILED', [], undefined],
    ['FAILED', 'every trainer failed', 'SUCCESS', ['FAILED', 'FAILED'], undefined],
    ['FAILED', 'evaluate failed', 'SUCCESS', ['FAILED', 'SUCCESS'], 'FAILED'],
    ['SUCCESS', 'a model is promoted', 'SUCCESS', ['SUCCESS', 'SUCCESS'], 'SUCCESS'],
    ['SUCCESS', 'a model is promoted without one trainer', 'SUCCESS', ['FAILED', 'SUCCESS'], 'SUCCESS'],
  ])('is %s where %s', (...[state, _when, preprocess, train, evaluate]) => {
    expect(overallState({ preprocess, train, evaluate })).toBe(state);
  });

  it('is that of preprocess where it split a file, whose groups have claims of their own', () => {
    const of = (preprocess: State): State =>
      overallState({ preprocess, isSplit: true, train: [], evaluate: undefined });

    expect([of('RUNNING'), of('SUCCESS'), of('FAILED')]).toEqual(['RUNNING', 'SUCCESS', 'FAILED']);
  });
});
