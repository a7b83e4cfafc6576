export interface LineMinimum {
  readonly x: number;
  readonly value: number;
  readonly evaluations: number;
}

const GOLDEN = (3 - Math.sqrt(5)) / 2;

/**
 * The lowest of a function of one variable between two bounds: a grid of `points`, then golden sections around its best
 * until they are shorter than `tolerance`. The grid is what finds the deeper one of two valleys.
 */
export function searchLine(
  evaluate: (x: number) => number,
  bounds: readonly [number, number],
  { points, tolerance }: { readonly points: number; readonly tolerance: number },
): LineMinimum {
  const [low, high] = bounds;
  const width = (high - low) / (points - 1);
  let best = { x: low, value: evaluate(low) };
  let evaluations = 1;
  const look = (x: number): number => {
    evaluations += 1;
    const value = evaluate(x);
    if (value < best.value) best = { x, value };
    return value;
  };
  for (let point = 1; point < points; point += 1) look(low + point * width);
  let left = Math.max(low, best.x - width);
  let right = Math.min(high, best.x + width);
  let [first, second] = [left + GOLDEN * (right - left), right - GOLDEN * (right - left)];
  let [atFirst, atSecond] = [look(first), look(second)];
  while (right - left > tolerance) {
    if (atFirst <= atSecond) {
      [right, second, atSecond] = [second, first, atFirst];
      first = left + GOLDEN * (right - left);
      atFirst = look(first);
    } else {
      [left, first, atFirst] = [first, second, atSecond];
      second = right - GOLDEN * (right - left);
      atSecond = look(second);
    }
  }
  return { ...best, evaluations };
}
