import { dense } from './dense-reference.ts';
import type { ReferenceOf } from './reference.ts';

type Row = readonly number[];

/** The equations of kernels/attention.ts, kernels/normalisation.ts and of encoder blocks, at every step of the window. */
export function transformerAnswer({ shape, weights, context, masks }: ReferenceOf): number[] {
  const { units } = shape;
  const arrays = [...weights];
  const next = (): ArrayLike<number> => arrays.shift() ?? [];
  const [positions, kernel] = [next(), next()];
  let x: readonly Row[] = context.map((row, step) =>
    dense(
      row,
      kernel,
      Array.from({ length: units }, (_, unit) => positions[step * units + unit] ?? NaN),
    ),
  );
  for (let layer = 0; layer < shape.layers; layer += 1) {
    const heads = headsOf(x, { next, count: units % 4 === 0 ? 4 : units % 2 === 0 ? 2 : 1 });
    const mixed = layerOf(heads, next).map((row) => times(row, masks?.[2 * layer]));
    const middle = normalised(sums(mixed, x), next);
    const inner = layerOf(middle, next).map((row) => row.map((value) => Math.max(value, 0)));
    const outer = layerOf(inner, next).map((row) => times(row, masks?.[2 * layer + 1]));
    x = normalised(sums(outer, middle), next);
  }
  return dense(x.at(-1) ?? [], next(), next());
}

function layerOf(x: readonly Row[], next: () => ArrayLike<number>): Row[] {
  const [w, b] = [next(), next()];
  return x.map((row) => dense(row, w, b));
}

/** The heads' answers, side by side. */
function headsOf(
  x: readonly Row[],
  { next, count }: { next: () => ArrayLike<number>; count: number },
): readonly Row[] {
  const asked = Array.from({ length: count }, () => ({ q: layerOf(x, next), k: layerOf(x, next) }));
  const heads = asked.map(({ q, k }) => {
    const v = layerOf(x, next);
    return q.map((query) => {
      const scores = k.map((key) => query.reduce((sum, value, at) => sum + value * (key[at] ?? NaN), 0));
      const powers = scores.map((score) => Math.exp(score - Math.max(...scores)));
      const total = powers.reduce((sum, power) => sum + power, 0);
      return query.map((_, at) =>
        v.reduce((sum, value, step) => sum + ((powers[step] ?? NaN) / total) * (value[at] ?? NaN), 0),
      );
    });
  });
  return x.map((_, step) => heads.flatMap((head) => head[step] ?? []));
}

function times(row: Row, mask: Row | undefined): Row {
  return row.map((value, at) => value * (mask?.[at] ?? 1));
}

function sums(a: readonly Row[], b: readonly Row[]): Row[] {
  return a.map((row, step) => row.map((value, at) => value + (b[step]?.[at] ?? NaN)));
}

function normalised(x: readonly Row[], next: () => ArrayLike<number>): Row[] {
  const [gamma, beta] = [next(), next()];
  return x.map((row) => {
    const mean = row.reduce((sum, value) => sum + value, 0) / row.length;
    const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / row.length;
    return row.map(
      (value, at) => ((value - mean) / Math.sqrt(variance + 0.001)) * (gamma[at] ?? NaN) + (beta[at] ?? NaN),
    );
  });
}
