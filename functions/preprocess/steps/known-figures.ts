import { compensatedSumOfPieces } from '@flts/model-runtime';
import { clip, type Bounds } from '../../shared/dataset/clip.ts';
import { mapColumn, type ColumnsByName } from '../columns/column.ts';
import { knownValues } from '../columns/known-values.ts';
import { clipBounds, type ClipSettings } from './clip-bounds.ts';

export interface KnownFigures {
  /** undefined where the column has none. */
  readonly bounds: Bounds | undefined;
  /** Of the clipped values; undefined where no value is known. */
  readonly mean: number | undefined;
}

/** The bounds of a column and the mean of its known values, from its fit rows, which are all of `values`. */
export function knownFigures({ values }: ColumnsByName, settings: ClipSettings): KnownFigures {
  if (values === undefined) throw new TypeError('expected values, got none');
  const bounds = clipBounds(values, { start: 0, end: values.length }, settings);
  const clipped = bounds === undefined ? values : mapColumn(values, (value) => clip(value, bounds));
  const known = knownValues(clipped);
  const mean = known.length === 0 ? undefined : compensatedSumOfPieces(known.pieces()) / known.length;
  return { bounds, mean };
}
