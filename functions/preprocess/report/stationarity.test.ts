import { describe, expect, it } from 'vitest';
import { range } from '../../shared/testing/tables.ts';
import { stationarityOf } from './stationarity.ts';

describe('stationarityOf', () => {
  it('is the statistic of the paper', () => {
    // By hand: ten pairs of -1 and 1; 20 rows, lag 2, the sums alternate between -1 and 0.
    const values = Float64Array.from(range(20), (row) => (row % 2 === 0 ? -1 : 1));
    const longRun = (20 + 2 * (2 / 3) * -19 + 2 * (1 / 3) * 18) / 20;

    expect(stationarityOf(values)?.kpss).toBeCloseTo(10 / 400 / longRun, 12);
  });

  it('of a ramp says that it does not stand still', () => {
    expect(stationarityOf(Float64Array.from(range(200)))?.hint).toBe('not_stationary');
  });

  it.each([
    ['too few rows', Float64Array.from(range(19))],
    ['a constant', new Float64Array(100).fill(0.1)],
    ['values whose squares are no numbers', Float64Array.from(range(40), (row) => row * 1e200)],
  ])('is nothing for %s', (_, values) => {
    expect(stationarityOf(values)).toBeNull();
  });
});
