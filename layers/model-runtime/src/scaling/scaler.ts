import { z } from 'zod';
import { RuntimeError } from '../errors.ts';
import { SCALER_KINDS, type Columns, type RowRange, type Scaler, type ScalerKind } from '../types.ts';
import { moments } from './moments.ts';

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
    const own = passthrough.includes(name) ? IDENTITY : FITS[kind](values.subarray(rows.start, rows.end));
    return [name, own] as const;
  });
  return { format: 'flts-scaler/1', kind, columns: Object.fromEntries(fitted) };
}

interface Parameters {
  readonly offset: number;
  readonly scale: number;
}

const IDENTITY: Parameters = { offset: 0, scale: 1 };

const FITS: Readonly<Record<ScalerKind, (values: Float64Array) => Parameters>> = {
  MinMaxScaler: (values) => {
    const [min, max] = extremes(values);
    return { offset: min, scale: nonZero(max - min) };
  },
  StandardScaler: (values) => {
    const { mean, deviation } = moments(values);
    return { offset: mean, scale: deviation === 0 ? 1 : deviation };
  },
  RobustScaler: (values) => {
    const sorted = values.toSorted();
    const spread = quantile(sorted, 0.75) - quantile(sorted, 0.25);
    return { offset: quantile(sorted, 0.5), scale: nonZero(spread) };
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

function extremes(values: Float64Array): [number, number] {
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return [min, max];
}

/** Linear interpolation between order statistics (Hyndman and Fan 1996, definition 7), numpy's default. */
function quantile(sorted: Float64Array, share: number): number {
  const position = (sorted.length - 1) * share;
  const below = Math.floor(position);
  const low = sorted[below] ?? Number.NaN;
  const high = sorted[Math.min(below + 1, sorted.length - 1)] ?? Number.NaN;
  return low + (high - low) * (position - below);
}

const scalerSchema = z.object({
  format: z.literal('flts-scaler/1'),
  kind: z.enum(SCALER_KINDS),
  columns: z.record(
    z.string(),
    z.object({ offset: z.number(), scale: z.number().refine((value) => value !== 0) }),
  ),
});

/** @throws RuntimeError model_corrupt where it is not a scaler of ours */
export function parseScaler(json: unknown): Scaler {
  const parsed = scalerSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new RuntimeError(
    'model_corrupt',
    `expected a scaler of format flts-scaler/1, got ${parsed.error.issues[0]?.path.join('.')}: ${parsed.error.issues[0]?.message}`,
  );
}

export function parametersOf(scaler: Scaler, name: string): Parameters {
  const found = scaler.columns[name];
  if (found === undefined)
    throw new RuntimeError(
      'feature_count_mismatch',
      `expected column ${name} in the scaler, got ${Object.keys(scaler.columns).join(', ')}`,
    );
  return found;
}
