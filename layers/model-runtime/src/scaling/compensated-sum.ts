/** Neumaier's compensated sum (1974), in the order given: equal on every platform. */
export function compensatedSum(values: Iterable<number>): number {
  // Many times as fast as asking an iterator.
  if (values instanceof Float64Array) return compensatedSumOfPieces([values]);
  let sum = 0;
  let lost = 0;
  for (const value of values) {
    const next = sum + value;
    lost += Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum;
    sum = next;
  }
  return sum + lost;
}

/** The same sum of values that come in pieces, to the last bit. */
export function compensatedSumOfPieces(pieces: Iterable<Float64Array>): number {
  let sum = 0;
  let lost = 0;
  for (const values of pieces) {
    for (let index = 0; index < values.length; index += 1) {
      const value = values[index] ?? Number.NaN;
      const next = sum + value;
      lost += Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum;
      sum = next;
    }
  }
  return sum + lost;
}
