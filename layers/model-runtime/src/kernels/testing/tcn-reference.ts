import { dense } from './dense-reference.ts';
import type { ReferenceOf } from './reference.ts';

type Rows = readonly (readonly number[])[];

/** The equations of kernels/convolution.ts and of residual blocks, at every step of the window. */
export function tcnAnswer({ shape, weights, context, masks }: ReferenceOf): number[] {
  const arrays = [...weights];
  const next = (): ArrayLike<number> => arrays.shift() ?? [];
  let x: Rows = context;
  let dilation = 1;
  for (let layer = 0; layer < shape.layers; layer += 1) {
    const convolved = (of: Rows, mask: readonly number[] | undefined): Rows =>
      convolution(of, { w: next(), b: next(), dilation }).map((row) =>
        row.map((value, unit) => Math.max(value, 0) * (mask?.[unit] ?? 1)),
      );
    const own = convolved(convolved(x, masks?.[2 * layer]), masks?.[2 * layer + 1]);
    const isWide = layer === 0 && shape.features !== shape.units;
    const skip = isWide ? convolution(x, { w: next(), b: next(), dilation: 1 }) : x;
    x = own.map((row, step) => row.map((value, unit) => Math.max(value + (skip[step]?.[unit] ?? NaN), 0)));
    if (2 * dilation < shape.steps) dilation *= 2;
  }
  return dense(x.at(-1) ?? [], next(), next());
}

interface Convolution {
  /** [tap, 1, feature, unit], the last tap being the step itself. */
  readonly w: ArrayLike<number>;
  readonly b: ArrayLike<number>;
  readonly dilation: number;
}

function convolution(x: Rows, { w, b, dilation }: Convolution): Rows {
  const features = x[0]?.length ?? 0;
  const taps = w.length / b.length / features;
  return x.map((_, step) => {
    const read = Array.from({ length: taps }, (_tap, tap) => {
      const row = x[step - (taps - 1 - tap) * dilation];
      return row ?? Array.from({ length: features }, () => 0);
    });
    return dense(read.flat(), w, b);
  });
}
