/** Takes numbers that MISSING_VALUES names, like -999, for missing: a function that changes values in place, and returns them. */
export function missingNumbers(words: readonly string[]): (values: Float64Array) => Float64Array {
  const numbers = new Set(
    words
      .filter((word) => word !== '')
      .map(Number)
      .filter((value) => !Number.isNaN(value)),
  );
  if (numbers.size === 0) return (values) => values;
  return (values) => {
    for (let row = 0; row < values.length; row += 1) if (numbers.has(values[row] ?? NaN)) values[row] = NaN;
    return values;
  };
}
