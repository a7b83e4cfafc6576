import {
  compensatedSumOfPieces,
  quantiles,
  squaredDeviations,
  type Piecewise,
  type RowRange,
} from '@flts/model-runtime';
import type { Bounds } from '../../shared/dataset/clip.ts';
import type { PreprocessSettings } from '../../shared/settings/settings.ts';
import { sliceColumn, type Column } from '../columns/column.ts';
import { knownValues } from '../columns/known-values.ts';

export type ClipSettings = Pick<PreprocessSettings, 'CLIP_METHOD' | 'CLIP_FACTOR' | 'CLIP_QUANTILES'>;

/**
 * Bounds of a column from the known values of its fit rows. A column whose values do not spread has none: over most
 * rows of a column of counts the quartiles are equal, and its events are no outliers.
 */
export function clipBounds(column: Column, fit: RowRange, settings: ClipSettings): Bounds | undefined {
  if (settings.CLIP_METHOD === 'none') return undefined;
  const known = knownValues(sliceColumn(column, fit));
  if (known.length === 0) return undefined;
  const { lower, upper } =
    settings.CLIP_METHOD === 'zscore'
      ? deviationBounds(known, settings.CLIP_FACTOR)
      : orderBounds(known, settings);
  return lower < upper && Number.isFinite(lower) && Number.isFinite(upper) ? { lower, upper } : undefined;
}

/** Mean and `factor` standard deviations (of the population, as StandardScaler has it) to either side. */
function deviationBounds(known: Piecewise, factor: number): Bounds {
  const mean = compensatedSumOfPieces(known.pieces()) / known.length;
  const variance = compensatedSumOfPieces(squaredDeviations(known, mean)) / known.length;
  const reach = factor * Math.sqrt(variance);
  return { lower: mean - reach, upper: mean + reach };
}

/** Fences beyond the quartiles (Tukey, 1977), or two quantiles. */
function orderBounds(known: Piecewise, { CLIP_METHOD, CLIP_FACTOR, CLIP_QUANTILES }: ClipSettings): Bounds {
  if (CLIP_METHOD === 'quantile') {
    const [lower = NaN, upper = NaN] = quantiles(known, CLIP_QUANTILES);
    return { lower, upper };
  }
  const [first = NaN, third = NaN] = quantiles(known, [0.25, 0.75]);
  const reach = CLIP_FACTOR * (third - first);
  return { lower: first - reach, upper: third + reach };
}
