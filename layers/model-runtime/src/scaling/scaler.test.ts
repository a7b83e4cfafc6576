import { describe, expect, it } from 'vitest';
import { SCALER_KINDS, type ScalerKind } from '../types.ts';
import { parseScaler } from './parse-scaler.ts';
import { fitScaler, parametersOf } from './scaler.ts';

interface Golden {
  readonly values: readonly number[];
  /** [offset, scale] of scikit-learn 1.9.1: mean_, scale_; data_min_, data_range_; center_, scale_; 0, scale_. */
  readonly fitted: Readonly<Record<Exclude<ScalerKind, 'none'>, readonly [number, number]>>;
}

const GOLDENS: Readonly<Record<string, Golden>> = {
  plain: {
    values: [3, 1, 4, 1, 5, 9, 2, 6, 5, 3],
    fitted: {
      StandardScaler: [3.9, 2.3430749027719964],
      MinMaxScaler: [1, 8],
      RobustScaler: [3.5, 2.75],
      MaxAbsScaler: [0, 9],
    },
  },
  negative: {
    values: [-2.5, 0.5, -7.25, 3.125, -1, 0, 2, -4, 8, -0.75],
    fitted: {
      StandardScaler: [-0.1875, 3.9247810448482348],
      MinMaxScaler: [-7.25, 15.25],
      RobustScaler: [-0.375, 3.75],
      MaxAbsScaler: [0, 8],
    },
  },
  skewed: {
    values: [0.001, 0.002, 0.004, 0.008, 0.016, 0.5, 1, 20, 300, 4000],
    fitted: {
      StandardScaler: [432.1531, 1192.5954147130074],
      MinMaxScaler: [0.001, 3999.999],
      RobustScaler: [0.258, 15.245],
      MaxAbsScaler: [0, 4000],
    },
  },
  'far from zero': {
    values: [0.25, 0.5, -0.75, 1, 2, -3, 0, 0.125, 4, -1].map((value) => 1e9 + value),
    fitted: {
      StandardScaler: [1_000_000_000.3125, 1.758239531463219],
      MinMaxScaler: [999_999_997, 7],
      RobustScaler: [1_000_000_000.1875, 1.4375],
      MaxAbsScaler: [0, 1_000_000_004],
    },
  },
  constant: {
    values: Array.from({ length: 10 }, () => 0.1),
    fitted: {
      StandardScaler: [0.1, 1],
      MinMaxScaler: [0.1, 1],
      RobustScaler: [0.1, 1],
      MaxAbsScaler: [0, 0.1],
    },
  },
  'all but constant': {
    values: [0, 1, 2, 1, 0, 2, 1, 0, 1, 2].map((value) => 1e9 + value * 1e-7),
    fitted: {
      StandardScaler: [1e9, 1],
      MinMaxScaler: [1e9, 2.384185791015625e-7],
      RobustScaler: [1_000_000_000.0000001, 2.384185791015625e-7],
      MaxAbsScaler: [0, 1_000_000_000.0000002],
    },
  },
  tiny: {
    values: [3, 1, 4, 1, 5, 9, 2, 6, 5, 3].map((value) => value * 1e-17),
    fitted: {
      StandardScaler: [3.9e-17, 2.3430749027719964e-17],
      MinMaxScaler: [1e-17, 1],
      RobustScaler: [3.5e-17, 1],
      MaxAbsScaler: [0, 1],
    },
  },
};

/** Relative to what is expected. */
const tolerance = (expected: number): number => 1e-12 * Math.abs(expected);

describe('a fitted scaler', () => {
  it.each(
    Object.entries(GOLDENS).flatMap(([name, { values, fitted }]) =>
      Object.entries(fitted).map(([kind, expected]) => [kind, name, values, expected] as const),
    ),
  )('%s of a column that is %s has scikit-learn’s parameters', (name, _column, values, [offset, scale]) => {
    const kind = SCALER_KINDS.find((each) => each === name) ?? 'none';
    const columns = { x: Float64Array.from(values) };
    const got = fitScaler(kind, columns, { rows: { start: 0, end: values.length } }).columns['x'];
    expect(Math.abs((got?.offset ?? Number.NaN) - offset)).toBeLessThanOrEqual(tolerance(offset));
    expect(Math.abs((got?.scale ?? Number.NaN) - scale)).toBeLessThanOrEqual(tolerance(scale));
  });

  it('takes a deviation that rounding may have made for none, as scikit-learn does', () => {
    const of = (rows: number): number | undefined => {
      const x = Float64Array.from({ length: rows }, (_, row) => 1e9 + (row % 2) * 1e-5);
      return fitScaler('StandardScaler', { x }, { rows: { start: 0, end: rows } }).columns['x']?.scale;
    };
    // With more rows more is lost: 20 of them still have their deviation, 100 do not.
    expect([of(20), of(100)]).toEqual([5.0067901611328125e-6, 1]);
  });

  it('sees the rows it is told to and no other', () => {
    const columns = { x: Float64Array.from([1000, 2, 4, 6, -1000]) };
    const { columns: fitted } = fitScaler('MinMaxScaler', columns, { rows: { start: 1, end: 4 } });
    expect(fitted).toEqual({ x: { offset: 2, scale: 4 } });
  });

  it('leaves bounded columns and kind none as they are', () => {
    const columns = { x: Float64Array.from([2, 4]), day_of_week_sin: Float64Array.from([0.5, 0.7]) };
    const rows = { start: 0, end: 2 };
    expect(fitScaler('MaxAbsScaler', columns, { rows, passthrough: ['day_of_week_sin'] })).toEqual({
      format: 'flts-scaler/1',
      kind: 'MaxAbsScaler',
      columns: { x: { offset: 0, scale: 4 }, day_of_week_sin: { offset: 0, scale: 1 } },
    });
    expect(fitScaler('none', columns, { rows }).columns['x']).toEqual({ offset: 0, scale: 1 });
  });
});

describe('a stored scaler', () => {
  const scaler = fitScaler(
    'RobustScaler',
    { x: Float64Array.from([1, 2, 4]) },
    { rows: { start: 0, end: 3 } },
  );

  it('comes back from JSON as it was', () => {
    expect(parseScaler(JSON.parse(JSON.stringify(scaler)))).toEqual(scaler);
  });

  it.each([
    ['another format', { ...scaler, format: 'pickle' }, 'format'],
    ['an unknown kind', { ...scaler, kind: 'PowerTransformer' }, 'kind'],
    ['a scale of zero', { ...scaler, columns: { x: { offset: 0, scale: 0 } } }, 'columns.x.scale'],
    ['a scale that JSON lost', { ...scaler, columns: { x: { offset: 0, scale: null } } }, 'columns.x.scale'],
    ['nothing', null, ''],
  ])('is refused with %s, naming the place', (_name, json, place) => {
    expect(() => parseScaler(json)).toThrow(
      expect.objectContaining({ code: 'model_corrupt', message: expect.stringContaining(place) }),
    );
  });

  it('names the column that it lacks', () => {
    expect(() => parametersOf(scaler, 'y')).toThrow(
      expect.objectContaining({ code: 'feature_count_mismatch', message: expect.stringContaining('y') }),
    );
  });
});
