/** How far beyond the unit circle a root may lie by rounding. */
const SLACK = 1e-10;

/**
 * Whether all roots of a polynomial lie inside the unit circle: Schur and Cohn's recursion, degree² / 2 steps, no roots.
 * `ascending`: coefficients from the constant one on; the last is not 0.
 */
export function isStable(ascending: Float64Array): boolean {
  let shrunk = 1;
  const polynomial = ascending.map((coefficient) => {
    const scaled = coefficient * shrunk;
    shrunk *= 1 + SLACK;
    return scaled;
  });
  // The lowest coefficient becomes 0 in each round, which divides by the variable: `lowest` is where the rest begins.
  const degrees = polynomial.length - 1;
  for (let lowest = 0; lowest < degrees; lowest += 1) {
    const reflection = (polynomial[lowest] ?? 0) / (polynomial[degrees] ?? 0);
    if (!(Math.abs(reflection) < 1)) return false;
    for (let low = lowest, high = degrees; low <= high; low += 1, high -= 1) {
      const left = polynomial[low] ?? 0;
      const right = polynomial[high] ?? 0;
      polynomial[low] = left - reflection * right;
      polynomial[high] = right - reflection * left;
    }
  }
  return true;
}
