/** Mean absolute value of those that are known, by which searches divide; 1 where all are 0. */
export function meanMagnitude(values: Float64Array): number {
  let [sum, known] = [0, 0];
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    sum += Math.abs(value);
    known += 1;
  }
  return sum > 0 ? sum / known : 1;
}
