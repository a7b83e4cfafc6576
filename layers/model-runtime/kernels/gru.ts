/**
 * Gated recurrent unit (Cho et al. 2014, with the reset gate before the recurrent product, as TF.js has it):
 *   z = sigmoid(Wz x + Uz h' + bz)      r = sigmoid(Wr x + Ur h' + br)      h' is h of the step before
 *   s = r * h'                          n = tanh(Wn x + Un s + bn)
 *   h = z * h' + (1 - z) * n
 * Gates lie in the order z, r, n. See layer.ts for the layout.
 */
import { sigmoids, tanhs } from './activation';
import { Layer } from './layer';
import { multiply } from './memory';
import { weightBytes } from './lanes';
import { product, rowProduct, rowsProduct } from './product';
import { madd, splat } from './vector';

/** h of every step, for panels from <= panel < to. Keeps gates and s for the backward pass. */
export function gruForward(layer: Layer, from: usize, to: usize): void {
  const count = to - from;
  const lanes = layer.lanes;
  const units = layer.units;
  const blocks = units / 4;
  const gate = layer.gateBytes();
  const uStride = units * weightBytes(lanes);
  if (lanes == 1) rowInputs(layer, 3 * blocks);
  for (let step: usize = 0; step < layer.steps; step++) {
    const g = layer.gAt(step, from);
    const s = layer.sAt(step, from);
    const h = layer.h + layer.hAt(step, from);
    const before = step == 0 ? layer.zeros : layer.h + layer.hAt(step - 1, from);
    const beforeStride: usize = step == 0 ? 0 : layer.hStride;
    const x = layer.x + layer.xAt(step, from);
    if (lanes != 1)
      product(lanes, count, 3 * blocks, layer.inputs, g, layer.gStride, layer.b, x, layer.xStride, layer.w, layer.inputs * 16);
    if (step > 0)
      product(lanes, count, 2 * blocks, units, g, layer.gStride, 0, before, beforeStride, layer.u, uStride);
    for (let panel: usize = 0; panel < count; panel++) {
      openGates(gate, g + panel * layer.gStride, before + panel * beforeStride, s + panel * layer.hStride);
    }
    // A single row's columns of n may begin amid the 32 that lie side by side.
    if (step > 0 && lanes == 1)
      rowProduct(2 * blocks, 3 * blocks, units, g + 2 * gate, g + 2 * gate, s, layer.u, uStride);
    else if (step > 0)
      product(lanes, count, blocks, units, g + 2 * gate, layer.gStride, 0, s, layer.hStride, layer.u + 2 * blocks * uStride, uStride);
    for (let panel: usize = 0; panel < count; panel++) {
      nextState(gate, g + panel * layer.gStride, before + panel * beforeStride, h + panel * layer.hStride);
    }
  }
}

/** A single row's gates of every step, as far as the inputs make them: their weights need not be read for each step. */
export function rowInputs(layer: Layer, columnBlocks: usize): void {
  rowsProduct(layer.steps, columnBlocks, layer.inputs, layer.g, layer.gStride, layer.b, layer.x, layer.xStride, layer.w, layer.inputs * weightBytes(1));
}

/** z and r in place, and s = r * h'. */
function openGates(gate: usize, g: usize, before: usize, s: usize): void {
  sigmoids(g, g, 2 * gate);
  multiply(s, g + gate, before, gate);
}

/** n in place, and h. */
function nextState(gate: usize, g: usize, before: usize, h: usize): void {
  const n = g + 2 * gate;
  tanhs(n, n, gate);
  for (let at: usize = 0; at < gate; at += 16) {
    const candidate = v128.load(n + at);
    // h = n + z (h' - n)
    v128.store(h + at, madd(v128.load(g + at), f32x4.sub(v128.load(before + at), candidate), candidate));
  }
}

/**
 * Back through time, from dh of every step to the gates' gradients (in place of the gates) and dx:
 *   dan = dh (1 - z) (1 - n^2)    daz = dh (h' - n) z (1 - z)    ds = Un^T dan    dar = ds h' r (1 - r)
 *   dh' += dh z + ds r + Uz^T daz + Ur^T dar                     dx = W^T (daz, dar, dan)
 */
export function gruBackward(layer: Layer, from: usize, to: usize): void {
  const count = to - from;
  const lanes = layer.lanes;
  const units = layer.units;
  const blocks = units / 4;
  const gate = layer.gateBytes();
  const backStride: usize = 3 * units * 16;
  for (let step = layer.steps - 1; ; step--) {
    const g = layer.gAt(step, from);
    const dh = layer.dh + layer.hAt(step, from);
    const first = step == 0;
    // Before the first step there is no h to hand a gradient to: it goes to the scratch panel.
    const before = first ? layer.zeros : layer.h + layer.hAt(step - 1, from);
    const dBefore = first ? layer.scratch + from * layer.hStride : layer.dh + layer.hAt(step - 1, from);
    const beforeStride: usize = first ? 0 : layer.hStride;
    for (let panel: usize = 0; panel < count; panel++) {
      stateGradient(gate, g + panel * layer.gStride, before + panel * beforeStride, dh + panel * layer.hStride, dBefore + panel * layer.hStride);
    }
    if (first) {
      for (let panel: usize = 0; panel < count; panel++) memory.fill(g + panel * layer.gStride + gate, 0, gate);
    } else {
      const ds = layer.scratch + from * layer.hStride;
      memory.fill(ds, 0, count * layer.hStride);
      product(lanes, count, blocks, units, ds, layer.hStride, 0, g + 2 * gate, layer.gStride, layer.uBack + 2 * units * 16, backStride);
      for (let panel: usize = 0; panel < count; panel++) {
        const at = panel * layer.hStride;
        resetGradient(gate, g + panel * layer.gStride + gate, before + at, ds + at, dBefore + at);
      }
      product(lanes, count, blocks, 2 * units, dBefore, layer.hStride, 0, g, layer.gStride, layer.uBack, backStride);
    }
    if (layer.dx != 0) inputGradient(layer, step, from, count, 3 * units);
    if (first) break;
  }
}

/** daz and dan in place of z and n; dh' += dh z. */
function stateGradient(gate: usize, g: usize, before: usize, dh: usize, dBefore: usize): void {
  const one = splat(1);
  for (let at: usize = 0; at < gate; at += 16) {
    const d = v128.load(dh + at);
    const z = v128.load(g + at);
    const n = v128.load(g + 2 * gate + at);
    const keep = f32x4.sub(one, z);
    v128.store(dBefore + at, madd(d, z, v128.load(dBefore + at)));
    const dz = f32x4.mul(d, f32x4.sub(v128.load(before + at), n));
    v128.store(g + at, f32x4.mul(f32x4.mul(dz, z), keep));
    v128.store(g + 2 * gate + at, f32x4.mul(f32x4.mul(d, keep), f32x4.sub(one, f32x4.mul(n, n))));
  }
}

/** dar in place of r; dh' += ds r. */
function resetGradient(gate: usize, g: usize, before: usize, ds: usize, dBefore: usize): void {
  const one = splat(1);
  for (let at: usize = 0; at < gate; at += 16) {
    const d = v128.load(ds + at);
    const r = v128.load(g + at);
    v128.store(dBefore + at, madd(d, r, v128.load(dBefore + at)));
    v128.store(g + at, f32x4.mul(f32x4.mul(f32x4.mul(d, v128.load(before + at)), r), f32x4.sub(one, r)));
  }
}

/** dx = W^T (gates' gradients) of one step. */
export function inputGradient(layer: Layer, step: usize, from: usize, count: usize, columns: usize): void {
  const dx = layer.dx + layer.xAt(step, from);
  product(layer.lanes, count, layer.inputs / 4, columns, dx, layer.xStride, layer.zeros, layer.gAt(step, from), layer.gStride, layer.wBack, columns * 16);
}
