import type { Piecewise } from '@flts/model-runtime';
import { PIECE_ROWS, valuesOf, type Column } from './column.ts';

/** The values of a column that are not missing, in order. Counts them once. */
export function knownValues(column: Column): Piecewise {
  let length = 0;
  for (const values of valuesOf(column)) length += values.length - countMissing(values);
  return {
    length,
    pieces: function* () {
      const room = new Float64Array(Math.min(PIECE_ROWS, column.length));
      for (const values of valuesOf(column)) yield withoutMissing(values, room);
    },
  };
}

/** All values of a column. */
export function allValues(column: Column): Piecewise {
  return { length: column.length, pieces: () => valuesOf(column) };
}

export function countMissing(values: Float64Array): number {
  let missing = 0;
  for (let row = 0; row < values.length; row += 1) if (Number.isNaN(values[row])) missing += 1;
  return missing;
}

/** Put into `known`, which holds as many. */
function withoutMissing(values: Float64Array, known: Float64Array): Float64Array {
  let count = 0;
  for (let row = 0; row < values.length; row += 1) {
    const value = values[row] ?? NaN;
    if (Number.isNaN(value)) continue;
    known[count] = value;
    count += 1;
  }
  return known.subarray(0, count);
}
