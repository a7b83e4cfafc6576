import { describe, expect, it } from 'vitest';
import { autocorrelations, isSeasonal } from './autocorrelation.ts';
import { fitLine, seasonalIndices } from './decomposition.ts';
import { fillForward, interpolate } from './gaps.ts';
import { independentColumns, leastSquares, solveGeneral, solveSymmetric } from './least-squares.ts';
import { loess } from './loess.ts';
import { minimise } from './minimise.ts';
import { withDifferences } from './numeric-gradient.ts';
import { searchLine } from './search-line.ts';
import { searchSimplex } from './search-simplex.ts';
import { isStable } from './stability.ts';
import { kpss, seasonalStrength } from './stationarity.ts';

const rows = (count: number, of: (row: number) => number): Float64Array =>
  Float64Array.from({ length: count }, (_, row) => of(row));

/** Rosenbrock's valley, whose floor bends. */
const valley = (x: ArrayLike<number>): number =>
  100 * ((x[1] ?? 0) - (x[0] ?? 0) ** 2) ** 2 + (1 - (x[0] ?? 0)) ** 2;

describe('searches', () => {
  it('find the floor of a bent valley, with a gradient and without', () => {
    const withGradient = minimise(withDifferences(valley), Float64Array.of(-1.2, 1), {
      evaluations: 200,
      tolerance: 1e-14,
    });
    expect(withGradient.x[0]).toBeCloseTo(1, 2);
    expect(withGradient.converged).toBe(true);
    const simplex = searchSimplex(valley, [-1.2, 1], {
      edges: [0.5, 0.5],
      evaluations: 500,
      tolerance: 1e-12,
    });
    expect(simplex.x[1]).toBeCloseTo(1, 3);
  });

  it('say that they have not converged where evaluations run out, with the best so far', () => {
    const short = minimise(withDifferences(valley), Float64Array.of(-1.2, 1), {
      evaluations: 6,
      tolerance: 1e-14,
    });
    expect(short.converged).toBe(false);
    expect(short.evaluations).toBe(6);
    expect(short.value).toBeLessThan(valley([-1.2, 1]));
    const simplex = searchSimplex(valley, [-1.2, 1], {
      edges: [0.5, 0.5],
      evaluations: 10,
      tolerance: 1e-12,
    });
    expect(simplex.converged).toBe(false);
  });

  it('keep away from where a function is not finite', () => {
    const walled = (x: ArrayLike<number>): number => ((x[0] ?? 0) > 1 ? Number.NaN : (3 - (x[0] ?? 0)) ** 2);
    const { x } = minimise(withDifferences(walled), Float64Array.of(-2), {
      evaluations: 100,
      tolerance: 1e-9,
    });
    expect(x[0]).toBeGreaterThan(0.9);
    expect(x[0]).toBeLessThanOrEqual(1);
  });

  it('find the deeper of two valleys along a line', () => {
    const two = (x: number): number => Math.min((x - 1) ** 2, 2 * (x - 4) ** 2 - 1);
    expect(searchLine(two, [0, 5], { points: 8, tolerance: 1e-4 }).x).toBeCloseTo(4, 3);
  });
});

describe('linear algebra', () => {
  it('solves symmetric and general systems', () => {
    const [first = 0, second = 0] = solveSymmetric(Float64Array.of(4, 2, 2, 3), Float64Array.of(10, 9));
    expect(first).toBeCloseTo(1.5, 12);
    expect(second).toBeCloseTo(2, 12);
    const [x = 0, y = 0] = solveGeneral(Float64Array.of(0, 2, 1, 1), Float64Array.of(4, 3));
    expect([x, y]).toEqual([1, 2]);
  });

  it('gives coefficients, and leaves the residuals', () => {
    const columns = [rows(5, () => 1), rows(5, (row) => row)];
    const values = Float64Array.of(1, 3, 5, 7, 10);
    const { coefficients, squares } = leastSquares(columns, values);
    expect(coefficients[1]).toBeCloseTo(2.2, 12);
    expect(squares).toBeCloseTo(
      values.reduce((sum, value) => sum + value ** 2, 0),
      12,
    );
  });

  it('leaves out columns that are combinations of those before, and empty ones', () => {
    const [a, b] = [rows(9, (row) => (row * 5) % 7), rows(9, (row) => row ** 2)];
    const both = a.map((value, row) => 1e6 * (value - (b[row] ?? 0)));
    expect(independentColumns([a, rows(9, () => 0), b, both, rows(9, () => 1)])).toEqual([0, 2, 4]);
  });
});

describe('statistics of a series', () => {
  it('has the autocorrelations of an alternating series', () => {
    expect([...autocorrelations(Float64Array.of(1, -1, 1, -1), 2)]).toEqual([1, -0.75, 0.5]);
    expect([...autocorrelations(new Float64Array(4), 1)]).toEqual([0, 0]);
  });

  it('finds a season, and none in noise or over too few rows', () => {
    const season = rows(48, (row) => ((row % 4) - 1.5) * 3 + ((row * 7919) % 13) / 13);
    expect(isSeasonal(season, 4)).toBe(true);
    expect(seasonalStrength(season, 4)).toBeGreaterThan(0.9);
    expect(isSeasonal(season.subarray(0, 8), 4)).toBe(false);
    const noise = rows(48, (row) => Math.sin(row * row));
    expect(isSeasonal(noise, 12)).toBe(false);
    expect(seasonalStrength(noise, 4)).toBeLessThan(0.64);
  });

  it('rejects the stationarity of a line, not that of noise', () => {
    expect(kpss(rows(60, (row) => row))).toBeGreaterThan(0.463);
    expect(kpss(rows(60, (row) => Math.sin(row * row)))).toBeLessThan(0.463);
    expect(kpss(new Float64Array(20).fill(3))).toBe(0);
  });

  it('takes seasons and lines apart', () => {
    const line = fitLine(rows(7, (row) => 3 - 2 * row));
    expect([line.intercept, line.slope]).toEqual([3, -2]);
    const indices = seasonalIndices(
      rows(24, (row) => (50 + row) * [0.5, 1.5, 1, 1][row % 4]!),
      4,
      'multiplicative',
    );
    for (const [phase, index] of [0.5, 1.5, 1, 1].entries()) expect(indices[phase]).toBeCloseTo(index, 2);
  });

  it('smooths a line to itself, also beyond its ends', () => {
    const smooth = loess(
      rows(20, (row) => 4 + row),
      { window: 7, degree: 1, margin: 1 },
    );
    for (const [at, value] of smooth.entries()) expect(value).toBeCloseTo(3 + at, 10);
  });

  it('fills gaps from what came before, or on a line', () => {
    const gapped = Float64Array.of(Number.NaN, 1, Number.NaN, Number.NaN, 4, Number.NaN);
    expect([...fillForward(gapped)]).toEqual([1, 1, 1, 1, 4, 4]);
    expect([...fillForward(gapped, 9)]).toEqual([9, 1, 1, 1, 4, 4]);
    expect([...interpolate(gapped)]).toEqual([1, 1, 2, 3, 4, 4]);
  });

  it('knows whether roots lie inside the unit circle', () => {
    expect(isStable(Float64Array.of(0.5, -1.2, 1))).toBe(true);
    expect(isStable(Float64Array.of(1.1, -1.2, 1))).toBe(false);
    expect(isStable(Float64Array.of(0.3, -1.6, 1))).toBe(false);
  });
});
