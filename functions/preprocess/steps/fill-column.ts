import { clipValues, type Bounds } from '../../shared/dataset/clip.ts';
import { createImputer, type Imputation } from '../../shared/dataset/impute.ts';
import { PIECE_ROWS, piecesOf, type ColumnsByName } from '../columns/column.ts';
import { writeFully } from '../columns/column-place.ts';

export interface FillInput {
  readonly bounds: Bounds | undefined;
  readonly how: Imputation;
  /** Of the file that the changed values are written to, 8 bytes each. */
  readonly descriptor: number;
}

/** Cells that were changed. */
export interface Filled {
  readonly clipped: number;
  readonly filled: number;
}

/** Clips a column's known values and fills its missing cells, piece by piece, into a file. */
export function fillColumn({ values, ts }: ColumnsByName, { bounds, how, descriptor }: FillInput): Filled {
  if (values === undefined || ts === undefined) throw new TypeError('expected values and ts, got none');
  const impute = createImputer(how);
  let [clipped, filled] = [0, 0];
  const room = (): Float64Array => new Float64Array(Math.min(PIECE_ROWS, values.length));
  const [times, changed] = [room(), room()];
  for (const piece of piecesOf(values)) {
    const known =
      bounds === undefined ? { values: piece.values, clipped: 0 } : clipValues(piece.values, bounds);
    const at = ts.read(piece.start, piece.start + piece.values.length, times);
    const imputed = impute(known.values, at, changed);
    writeFully(descriptor, imputed.values, piece.start * Float64Array.BYTES_PER_ELEMENT);
    clipped += known.clipped;
    filled += imputed.filled;
  }
  return { clipped, filled };
}
