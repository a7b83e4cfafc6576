import { describe, expect, it } from 'vitest';
import type { Series } from '../types.ts';
import { promotionScore, scoreBacktest, type Score } from './score.ts';

interface Scored {
  readonly actual: Readonly<Record<string, readonly number[]>>;
  /** [origin][step] */
  readonly predicted: Readonly<Record<string, readonly number[]>>;
  readonly fitStd: Readonly<Record<string, number>>;
  readonly origins?: readonly number[];
}

/** Horizon 2. */
function score({ actual, predicted, fitStd, origins = [1, 2] }: Scored): Score {
  const arrays = (columns: Readonly<Record<string, readonly number[]>>): Record<string, Float64Array> =>
    Object.fromEntries(
      Object.entries(columns).map(([name, values]) => [name, Float64Array.from(values)] as const),
    );
  const series: Series = {
    ts: new Float64Array(4),
    block: new Int32Array(4),
    columns: {},
    actual: arrays(actual),
  };
  return scoreBacktest({
    backtest: { values: arrays(predicted) },
    series,
    origins: Int32Array.from(origins),
    horizon: 2,
    targets: Object.keys(predicted),
    fitStd,
  });
}

describe('a score', () => {
  it('pools the errors of a target over windows and steps, in units of its deviation', () => {
    // Truth at rows 1, 2 and 2, 3: errors 1, -1, 3, 1.
    const got = score({
      actual: { y: [9, 10, 20, 30] },
      predicted: { y: [11, 19, 23, 31] },
      fitStd: { y: 2 },
    });
    expect(got.perTarget).toEqual({ y: { mse: 3, rmse: Math.sqrt(3), mae: 1.5 } });
    expect(got).toMatchObject({ mse: 3 / 4, rmse: Math.sqrt(3) / 2, mae: 0.75, constantTargets: [] });
  });

  it('averages over targets, each weighing the same whatever its unit', () => {
    const got = score({
      actual: { y: [0, 0, 0, 0], z: [0, 0, 0, 0] },
      predicted: { y: [1, 1, 1, 1], z: [3000, 3000, 3000, 3000] },
      fitStd: { y: 1, z: 1000 },
    });
    expect(got).toMatchObject({ rmse: 2, mae: 2, mse: 5 });
  });

  it('does not count missing truth', () => {
    const got = score({
      actual: { y: [0, 5, Number.NaN, 7] },
      predicted: { y: [6, 100, 100, 8] },
      fitStd: { y: 1 },
    });
    expect(got.perTarget['y']).toEqual({ mse: 1, rmse: 1, mae: 1 });
  });

  it('leaves constant targets out, and those without any truth, and names them', () => {
    const got = score({
      actual: { y: [0, 0, 0, 0], still: [1, 1, 1, 1], lost: Array.from({ length: 4 }, () => Number.NaN) },
      predicted: { y: [1, 1, 1, 1], still: [9, 9, 9, 9], lost: [1, 1, 1, 1] },
      fitStd: { y: 1, still: 0, lost: 1 },
    });
    expect(got).toMatchObject({ rmse: 1, mae: 1, mse: 1, constantTargets: ['still', 'lost'] });
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])(
    'is refused, not bettered, by a prediction of %d, and says which one',
    (broken) => {
      const at = {
        actual: { y: [0, 0, 0, 0], z: [0, 0, 0, 0] },
        predicted: { y: [0, 0, 0, 0], z: [0, 0, 0, broken] },
        fitStd: { y: 1, z: 1 },
      };
      expect(() => score(at)).toThrow(
        expect.objectContaining({
          code: 'non_finite_prediction',
          retryable: false,
          message: expect.stringContaining('z, step 2 from origin 2'),
        }),
      );
    },
  );

  it('weighs rmse, mae and mse to promote by', () => {
    expect(promotionScore({ rmse: 1, mae: 10, mse: 100 })).toBe(0.5 + 3 + 20);
  });
});
