/**
 * Causal dilated convolution (van den Oord et al. 2016; Bai et al. 2018):
 *   y[t] = b + sum over lags of W[lag] x[t - lag x dilation]      what lies before the window is zero
 * and, where it is rectified, max(y, 0) with a mask of dropout.
 *
 * Only steps that somebody reads are there. The steps of y and x each lie at equal distances, and end with the same step of
 * the window: so a lag is one step of x, and a step of y is `stride` steps of x. See layer.ts for panels and padding.
 */
import { weightGradientOfRuns } from './gradient';
import { weightBytes } from './lanes';
import { multiply } from './memory';
import { product } from './product';
import { splat } from './vector';

/** Fields and order as FIELDS in src/kernels/blocks/convolution.ts. */
@unmanaged
export class Convolution {
  /** Steps of y and of x, and how many of x a step of y is. */
  steps: usize;
  xSteps: usize;
  stride: usize;
  /** Number of lags. */
  taps: usize;
  panels: usize;
  lanes: usize;
  inputs: usize;
  columns: usize;
  /** x and dx [step][panel][inputs][lanes], bytes of a panel; dx is 0 where nothing asks for it. */
  x: usize;
  xStride: usize;
  dx: usize;
  /** y and dy [step][panel][columns][lanes]. */
  y: usize;
  yStride: usize;
  dy: usize;
  /** [column / 4][tap][input][4], the last tap being lag 0; and for the backward products [tap][input / 4][column][4]. */
  w: usize;
  b: usize;
  /** From the biases of a step to those of the next; 0 where all steps have the same. */
  bStep: usize;
  wBack: usize;
  /** 1: max(y, 0). */
  rectified: usize;
  /** [panel][columns][lanes], what y is multiplied by; 0: by nothing. */
  mask: usize;

  /** The step of x that a step of y reads at lag 0. */
  @inline
  lastOf(step: usize): usize {
    return this.xSteps - 1 - (this.steps - 1 - step) * this.stride;
  }

  @inline
  xAt(step: usize, panel: usize): usize {
    return (step * this.panels + panel) * this.xStride;
  }

  @inline
  yAt(step: usize, panel: usize): usize {
    return (step * this.panels + panel) * this.yStride;
  }
}

/** y of every step, for panels from <= panel < to. */
export function convolutionForward(layer: Convolution, from: usize, to: usize): void {
  const count = to - from;
  const tapBytes = layer.inputs * weightBytes(layer.lanes);
  for (let step: usize = 0; step < layer.steps; step++) {
    const y = layer.y + layer.yAt(step, from);
    const last = layer.lastOf(step);
    for (let lag: usize = 0; lag < layer.taps && lag <= last; lag++) {
      const x = layer.x + layer.xAt(last - lag, from);
      const w = layer.w + (layer.taps - 1 - lag) * tapBytes;
      product(layer.lanes, count, layer.columns / 4, layer.inputs, y, layer.yStride, lag == 0 ? layer.b + step * layer.bStep : 0, x, layer.xStride, w, layer.taps * tapBytes);
    }
    if (layer.rectified != 0) rectify(y, count * layer.yStride);
    if (layer.mask != 0) multiply(y, y, layer.mask + from * layer.yStride, count * layer.yStride);
  }
}

/**
 * Gradients with respect to what went into y, from those with respect to y at `source` (laid out as y), into dy; then
 * dx += W^T dy.
 */
export function convolutionBackward(layer: Convolution, source: usize, from: usize, to: usize): void {
  const count = to - from;
  const tapBytes = layer.inputs * layer.columns * 4;
  for (let step: usize = 0; step < layer.steps; step++) {
    const at = layer.yAt(step, from);
    const dy = layer.dy + at;
    if (layer.rectified != 0) slopes(dy, source + at, layer.y + at, count * layer.yStride);
    if (layer.mask != 0) multiply(dy, dy, layer.mask + from * layer.yStride, count * layer.yStride);
    if (layer.dx == 0) continue;
    const last = layer.lastOf(step);
    for (let lag: usize = 0; lag < layer.taps && lag <= last; lag++) {
      const dx = layer.dx + layer.xAt(last - lag, from);
      const w = layer.wBack + (layer.taps - 1 - lag) * tapBytes;
      product(layer.lanes, count, layer.inputs / 4, layer.columns, dx, layer.xStride, 0, dy, layer.yStride, w, layer.columns * 16);
    }
  }
}

/**
 * dw [column / 4][tap][input][4] for column blocks from <= block < to, from turned copies of x and dy (transpose.ts);
 * `xBlock` and `yBlock` are the bytes from one of their blocks to the next.
 */
export function convolutionGradient(layer: Convolution, dw: usize, x: usize, xBlock: usize, dy: usize, yBlock: usize, from: usize, to: usize): void {
  const rows = layer.panels * 8;
  for (let lag: usize = 0; lag < layer.taps; lag++) {
    const out = dw + (layer.taps - 1 - lag) * layer.inputs * 16;
    let first: usize = 0;
    while (first < layer.steps && layer.lastOf(first) < lag) first++;
    const runs = layer.steps - first;
    const a = x + (runs == 0 ? 0 : layer.lastOf(first) - lag) * rows * 32;
    weightGradientOfRuns(out, layer.taps * layer.inputs * 16, layer.inputs, runs, rows, a, xBlock, layer.stride * rows * 32, dy, yBlock, first * rows, rows * 16, from, to);
  }
}

/** The sum that a residual block answers (He et al. 2016), rectified: out = max(a + b, 0). */
export function addRectified(out: usize, a: usize, b: usize, bytes: usize): void {
  for (let at: usize = 0; at < bytes; at += 16) {
    v128.store(out + at, f32x4.max(f32x4.add(v128.load(a + at), v128.load(b + at)), splat(0)));
  }
}

/** out = dy where y > 0, else 0. */
export function slopes(out: usize, dy: usize, y: usize, bytes: usize): void {
  for (let at: usize = 0; at < bytes; at += 16) {
    v128.store(out + at, v128.and(v128.load(dy + at), f32x4.gt(v128.load(y + at), splat(0))));
  }
}

function rectify(y: usize, bytes: usize): void {
  for (const end = y + bytes; y < end; y += 16) v128.store(y, f32x4.max(v128.load(y), splat(0)));
}
