import { describe, expect, it } from 'vitest';
import type { UnivariateModel } from '../../statistics/univariate.ts';
import series from '../../statistics/testing/series.json' with { type: 'json' };
import { createEts } from '../ets/ets.ts';
import { createTheta } from '../theta/theta.ts';
import { decompose } from './decompose.ts';
import { createMstl, type MstlParameters, type MstlState } from './mstl.ts';
import recorded from './testing/mstl.json' with { type: 'json' };

describe('MSTL', () => {
  it.each(recorded.decompositions)(
    'decomposes series $series like statsforecast',
    ({ series: at, seasons, seasonal }) => {
      const parts = decompose(Float64Array.from(series[at]?.values ?? []), seasons);
      for (const [season, column] of seasonal.entries())
        for (const [row, value] of column.entries())
          expect(parts.seasonal[season]?.[row * 5]).toBeCloseTo(value, 8);
    },
  );

  it('goes on with two seasons, ETS or theta on what they leave', () => {
    expect(worstError(createMstl(createEts()))).toBeLessThan(4);
    expect(worstError(createMstl(createTheta()))).toBeLessThan(4);
  });
});

/** Of 60 steps after a fit, and after an update. */
function worstError<P, S>(model: UnivariateModel<MstlParameters<P>, MstlState<S>>): number {
  const wave = (row: number): number =>
    100 +
    row / 20 +
    8 * Math.sin((row * Math.PI) / 6) +
    15 * Math.sin((row * Math.PI) / 42) +
    ((row * 7919) % 13) / 13;
  const values = Float64Array.from({ length: 420 }, (_, row) => wave(row));
  const { parameters, state } = model.fit(values.subarray(0, 400), { season: 12, seasons: [12, 84, 300] });
  // 300 rows are no season of 400.
  expect(parameters.seasons).toEqual([12, 84]);
  const later = model.update(parameters, state, values.subarray(400));
  const errors = (rows: number, from: MstlState<S>): number[] =>
    Array.from(model.forecast(parameters, from, 60).mean, (value, step) =>
      Math.abs(value - wave(rows + step)),
    );
  return Math.max(...errors(400, state), ...errors(420, later));
}
