import { describe, expect, it } from 'vitest';
import type { Scaler } from '../types.ts';
import { inputNames, origins, packContexts, scaledInputs } from './windows.ts';

const scaler: Scaler = {
  format: 'flts-scaler/1',
  kind: 'StandardScaler',
  columns: { a: { offset: 1, scale: 2 }, b: { offset: 0, scale: 10 } },
};

describe('model inputs', () => {
  it('are targets, past and future covariates, in that order', () => {
    expect(inputNames({ targets: ['y', 'x'], past: ['p'], future: ['f'] })).toEqual(['y', 'x', 'p', 'f']);
  });

  it('are scaled and laid out row by row', () => {
    const columns = { b: Float64Array.from([10, 20, 30]), a: Float64Array.from([1, 3, 5]) };
    const inputs = scaledInputs(columns, ['a', 'b'], scaler, 2);
    expect(inputs).toEqual(Float32Array.from([0, 1, 1, 2]));
  });

  it.each([
    ['a missing column', { a: [1, 2] }, 'feature_count_mismatch', 'column b, got a'],
    ['a missing row', { a: [1, 2], b: [1] }, 'non_finite_input', 'column b, row 1'],
    ['an infinity', { a: [1, Number.POSITIVE_INFINITY], b: [1, 2] }, 'non_finite_input', 'column a, row 1'],
  ])('name %s', (_name, values, code, place) => {
    const columns = Object.fromEntries(
      Object.entries(values).map(([name, column]) => [name, Float64Array.from(column)]),
    );
    expect(() => scaledInputs(columns, ['a', 'b'], scaler, 2)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(place) }),
    );
  });

  it('name a column that the scaler does not know', () => {
    const columns = { c: Float64Array.from([1]) };
    expect(() => scaledInputs(columns, ['c'], scaler, 1)).toThrow(
      expect.objectContaining({ code: 'feature_count_mismatch' }),
    );
  });
});

describe('origins', () => {
  const oneBlock = new Int32Array(10);

  it('have their horizon in the segment; their context may reach back before it', () => {
    const found = origins({ block: oneBlock, segment: { start: 4, end: 8 }, contextRows: 3, horizon: 2 });
    expect([...found]).toEqual([4, 5, 6]);
  });

  it('begin where the context is complete', () => {
    const found = origins({ block: oneBlock, segment: { start: 0, end: 6 }, contextRows: 3, horizon: 1 });
    expect([...found]).toEqual([3, 4, 5]);
  });

  it('have a row before them even where no context is asked for', () => {
    const found = origins({ block: oneBlock, segment: { start: 0, end: 3 }, contextRows: 0, horizon: 1 });
    expect([...found]).toEqual([1, 2]);
  });

  it('never span two blocks, neither with the context nor with the horizon', () => {
    const block = Int32Array.from([0, 0, 0, 0, 0, 1, 1, 1, 1, 1]);
    const segment = { start: 0, end: 10 };
    expect([...origins({ block, segment, contextRows: 2, horizon: 2 })]).toEqual([2, 3, 7, 8]);
    expect([...origins({ block, segment, contextRows: 0, horizon: 1 })]).toEqual([1, 2, 3, 4, 6, 7, 8, 9]);
  });

  it('are none where segment or series are too short', () => {
    const segment = { start: 8, end: 10 };
    expect(origins({ block: oneBlock, segment, contextRows: 2, horizon: 3 })).toEqual(new Int32Array());
    expect(origins({ block: oneBlock, segment, contextRows: 10, horizon: 1 })).toEqual(new Int32Array());
  });
});

describe('windows', () => {
  // Rows of two features: row r holds r and 10 r.
  const inputs = Float32Array.from({ length: 12 }, (_, index) =>
    index % 2 === 0 ? index / 2 : (index - 1) * 5,
  );

  it('of contexts end before their origin: [origins, rows, features]', () => {
    expect([...packContexts(inputs, 2, Int32Array.from([2, 5]), 2)]).toEqual([0, 0, 1, 10, 3, 30, 4, 40]);
  });
});
