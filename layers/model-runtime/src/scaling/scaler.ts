import { RuntimeError } from '../errors.ts';
import type { Columns, RowRange, Scaler, ScalerKind } from '../types.ts';
import { moments } from './moments.ts';
import { inOnePiece, type Piecewise } from './piecewise.ts';
import { quantiles } from './quantiles.ts';

export interface FitOptions {
  /** The rows that the statistics come from. */
  readonly rows: RowRange;
  /** Columns that are bounded by construction and keep their values. */
  readonly passthrough?: readonly string[];
}

/**
 * Fits one scaler a column on `rows`, as scikit-learn's classes of the same names do: scaled = (x - offset) / scale.
 * A constant column gets scale 1.
 */
export function fitScaler(
  kind: ScalerKind,
  columns: Columns,
  { rows, passthrough = [] }: FitOptions,
): Scaler {
  const fitted = Object.entries(columns).map(([name, values]) => {
    const fit = inOnePiece(values.subarray(rows.start, rows.end));
    return [name, passthrough.includes(name) ? IDENTITY : fitColumn(kind, fit)] as const;
  });
  return { format: 'flts-scaler/1', kind, columns: Object.fromEntries(fitted) };
}

export interface ScalerParameters {
  readonly offset: number;
  readonly scale: number;
}

/** Of a column that is bounded by construction. */
export const IDENTITY: ScalerParameters = { offset: 0, scale: 1 };

/** What fitScaler finds for one column, whose values need not be in memory. `values`: finite. */
export function fitColumn(kind: ScalerKind, values: Piecewise): ScalerParameters {
  return FITS[kind](values);
}

const FITS: Readonly<Record<ScalerKind, (values: Piecewise) => ScalerParameters>> = {
  MinMaxScaler: (values) => {
    const [min, max] = extremes(values);
    return { offset: min, scale: nonZero(max - min) };
  },
  StandardScaler: (values) => {
    const { mean, deviation } = moments(values);
    return { offset: mean, scale: deviation === 0 ? 1 : deviation };
  },
  RobustScaler: (values) => {
    const [first = NaN, middle = NaN, third = NaN] = quantiles(values, [0.25, 0.5, 0.75]);
    return { offset: middle, scale: nonZero(third - first) };
  },
  MaxAbsScaler: (values) => {
    const [min, max] = extremes(values);
    return { offset: 0, scale: nonZero(Math.max(Math.abs(min), Math.abs(max))) };
  },
  none: () => IDENTITY,
};

/** scikit-learn's rule for ranges: one below 10 machine epsilons is none. */
function nonZero(spread: number): number {
  return spread < 10 * Number.EPSILON ? 1 : spread;
}

function extremes(values: Piecewise): [number, number] {
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const piece of values.pieces()) {
    for (let index = 0; index < piece.length; index += 1) {
      const value = piece[index] ?? Number.NaN;
      if (value < min) min = value;
      if (value > max) max = value;
    }
  }
  return [min, max];
}

export function parametersOf(scaler: Scaler, name: string): ScalerParameters {
  const found = scaler.columns[name];
  if (found === undefined)
    throw new RuntimeError(
      'feature_count_mismatch',
      `expected column ${name} in the scaler, got ${Object.keys(scaler.columns).join(', ')}`,
    );
  return found;
}
