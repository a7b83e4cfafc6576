import { compensatedSum, type Columns, type RowRange } from '@flts/model-runtime';
import type { Bounds } from '../../shared/dataset/clip.ts';
import type { PreprocessSettings } from '../../shared/settings.ts';
import { quantile } from './quantile.ts';

export type ClipSettings = Pick<PreprocessSettings, 'CLIP_METHOD' | 'CLIP_FACTOR' | 'CLIP_QUANTILES'>;

/**
 * Bounds of each column from the known values of its fit rows. A column whose values do not spread has none: over most
 * rows of a column of counts the quartiles are equal, and its events are no outliers.
 */
export function clipBounds(values: Columns, fit: RowRange, settings: ClipSettings): Record<string, Bounds> {
  if (settings.CLIP_METHOD === 'none') return {};
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, column]) => {
      const known = column.subarray(fit.start, fit.end).filter((value) => !Number.isNaN(value));
      const bounds = known.length === 0 ? undefined : boundsOf(known, settings);
      return bounds === undefined ? [] : [[name, bounds]];
    }),
  );
}

function boundsOf(known: Float64Array, settings: ClipSettings): Bounds | undefined {
  const { lower, upper } =
    settings.CLIP_METHOD === 'zscore'
      ? deviationBounds(known, settings.CLIP_FACTOR)
      : orderBounds(known.toSorted(), settings);
  return lower < upper && Number.isFinite(lower) && Number.isFinite(upper) ? { lower, upper } : undefined;
}

/** Mean and `factor` standard deviations (of the population, as StandardScaler has it) to either side. */
function deviationBounds(known: Float64Array, factor: number): Bounds {
  const mean = compensatedSum(known) / known.length;
  const variance = compensatedSum(known.map((value) => (value - mean) * (value - mean))) / known.length;
  const reach = factor * Math.sqrt(variance);
  return { lower: mean - reach, upper: mean + reach };
}

/** Fences beyond the quartiles (Tukey, 1977), or two quantiles. */
function orderBounds(
  sorted: Float64Array,
  { CLIP_METHOD, CLIP_FACTOR, CLIP_QUANTILES }: ClipSettings,
): Bounds {
  if (CLIP_METHOD === 'quantile') {
    const [lower = 0, upper = 1] = CLIP_QUANTILES;
    return { lower: quantile(sorted, lower), upper: quantile(sorted, upper) };
  }
  const [first, third] = [quantile(sorted, 0.25), quantile(sorted, 0.75)];
  const reach = CLIP_FACTOR * (third - first);
  return { lower: first - reach, upper: third + reach };
}
