/**
 * Adam (Kingma and Ba 2015, algorithm 1) with decoupled weight decay (Loshchilov and Hutter 2019, algorithm 2):
 *   m = b1 m + (1 - b1) g      v = b2 v + (1 - b2) g^2
 *   w = w - decay w - rate m / (sqrt(v) correction + epsilon)
 * where g is the gradient times `scale` (clipping), rate = learning rate / (1 - b1^t), correction = 1 / sqrt(1 - b2^t),
 * decay = learning rate x weight decay. The powers come from outside: the engine's differ between versions.
 */
import { storeTransposed } from './transpose';
import { madd, splat } from './vector';

/** Fields and order as ADAM_FIELDS in src/kernels/optimizer.ts. */
@unmanaged
export class AdamStep {
  b1: f32;
  b2: f32;
  epsilon: f32;
  rate: f32;
  correction: f32;
}

/** `bytes` of weights from `w` on, a multiple of 16; their gradients, m and v lie at these distances from them. */
export function adam(
  step: AdamStep,
  scale: f32,
  decay: f32,
  w: usize,
  bytes: usize,
  toGradient: usize,
  toM: usize,
  toV: usize,
): void {
  const b1 = splat(step.b1), b2 = splat(step.b2);
  const rest1 = splat(1 - step.b1), rest2 = splat(1 - step.b2);
  const rate = splat(-step.rate);
  const correction = splat(step.correction), epsilon = splat(step.epsilon);
  const keep = splat(1 - decay), scales = splat(scale);
  for (const end = w + bytes; w < end; w += 16) {
    const g = f32x4.mul(v128.load(w + toGradient), scales);
    const m = madd(b1, v128.load(w + toM), f32x4.mul(rest1, g));
    const v = madd(b2, v128.load(w + toV), f32x4.mul(rest2, f32x4.mul(g, g)));
    v128.store(w + toM, m);
    v128.store(w + toV, v);
    const length = madd(f32x4.sqrt(v), correction, epsilon);
    v128.store(w, madd(rate, f32x4.div(m, length), f32x4.mul(v128.load(w), keep)));
  }
}

/** Weights [column / 4][k][4] copied to [k / 4][column][4], for column blocks from <= block < to. */
export function repack(back: usize, w: usize, depth: usize, columns: usize, from: usize, to: usize): void {
  for (let block = from; block < to; block++) {
    let source = w + block * depth * 16;
    for (let k: usize = 0; k < depth; k += 4) {
      const target = back + (k / 4) * columns * 16 + block * 64;
      storeTransposed(target, 16, v128.load(source, 0), v128.load(source, 16), v128.load(source, 32), v128.load(source, 48));
      source += 64;
    }
  }
}
