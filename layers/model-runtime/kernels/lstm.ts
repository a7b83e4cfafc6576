/**
 * Long short-term memory (Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000):
 *   i, f, o = sigmoid(W x + U h' + b)    q = tanh(Wq x + Uq h' + bq)    h', c' are those of the step before
 *   c = f * c' + i * q                   h = o * tanh(c)
 * Gates lie in the order i, f, q, o, as Keras has them; the cell c lies in `s`. See layer.ts for the layout.
 */
import { sigmoids, tanhs } from './activation';
import { inputGradient, rowInputs } from './gru';
import { weightBytes } from './lanes';
import { Layer } from './layer';
import { multiply } from './memory';
import { product } from './product';
import { madd, splat } from './vector';

/** h and c of every step, for panels from <= panel < to. Keeps the gates for the backward pass. */
export function lstmForward(layer: Layer, from: usize, to: usize): void {
  const count = to - from;
  const lanes = layer.lanes;
  const units = layer.units;
  const gate = layer.gateBytes();
  if (lanes == 1) rowInputs(layer, units);
  for (let step: usize = 0; step < layer.steps; step++) {
    const g = layer.gAt(step, from);
    const x = layer.x + layer.xAt(step, from);
    if (lanes != 1)
      product(lanes, count, units, layer.inputs, g, layer.gStride, layer.b, x, layer.xStride, layer.w, layer.inputs * 16);
    if (step > 0)
      product(lanes, count, units, units, g, layer.gStride, 0, layer.h + layer.hAt(step - 1, from), layer.hStride, layer.u, units * weightBytes(lanes));
    const cell = layer.sAt(step, from);
    const before = step == 0 ? layer.zeros : layer.sAt(step - 1, from);
    const beforeStride: usize = step == 0 ? 0 : layer.hStride;
    const h = layer.h + layer.hAt(step, from);
    for (let panel: usize = 0; panel < count; panel++) {
      const at = panel * layer.hStride;
      nextState(gate, g + panel * layer.gStride, before + panel * beforeStride, cell + at, h + at);
    }
  }
}

/** Gates in place, then c and h. */
function nextState(gate: usize, g: usize, before: usize, cell: usize, h: usize): void {
  const f = g + gate, q = f + gate, o = q + gate;
  sigmoids(g, g, 2 * gate);
  tanhs(q, q, gate);
  sigmoids(o, o, gate);
  for (let at: usize = 0; at < gate; at += 16) {
    const kept = f32x4.mul(v128.load(g + at), v128.load(q + at));
    v128.store(cell + at, madd(v128.load(f + at), v128.load(before + at), kept));
  }
  tanhs(h, cell, gate);
  multiply(h, h, o, gate);
}

/**
 * Back through time, from dh of every step to the gates' gradients (in place of the gates) and dx:
 *   dc += dh o (1 - tanh(c)^2)     dao = dh tanh(c) o (1 - o)    dai = dc q i (1 - i)    daf = dc c' f (1 - f)
 *   daq = dc i (1 - q^2)           dc' = dc f                    dh' += U^T da           dx = W^T da
 */
export function lstmBackward(layer: Layer, from: usize, to: usize): void {
  const count = to - from;
  const units = layer.units;
  const gate = layer.gateBytes();
  const dc = layer.scratch + from * layer.hStride;
  memory.fill(dc, 0, count * layer.hStride);
  for (let step = layer.steps - 1; ; step--) {
    const g = layer.gAt(step, from);
    const dh = layer.dh + layer.hAt(step, from);
    const cell = layer.sAt(step, from);
    const before = step == 0 ? layer.zeros : layer.sAt(step - 1, from);
    const beforeStride: usize = step == 0 ? 0 : layer.hStride;
    for (let panel: usize = 0; panel < count; panel++) {
      const at = panel * layer.hStride;
      tanhs(cell + at, cell + at, gate);
      gateGradients(gate, g + panel * layer.gStride, cell + at, before + panel * beforeStride, dh + at, dc + at);
    }
    if (layer.dx != 0) inputGradient(layer, step, from, count, 4 * units);
    if (step == 0) break;
    const dBefore = layer.dh + layer.hAt(step - 1, from);
    product(layer.lanes, count, units / 4, 4 * units, dBefore, layer.hStride, 0, g, layer.gStride, layer.uBack, 4 * units * 16);
  }
}

/** `bent` holds tanh(c), which takes the place of c: no earlier step asks for it. */
function gateGradients(gate: usize, g: usize, cell: usize, before: usize, dh: usize, dCell: usize): void {
  const one = splat(1);
  for (let at: usize = 0; at < gate; at += 16) {
    const here = g + at;
    const i = v128.load(here);
    const f = v128.load(here + gate);
    const q = v128.load(here + 2 * gate);
    const o = v128.load(here + 3 * gate);
    const bent = v128.load(cell + at);
    const d = v128.load(dh + at);
    const through = f32x4.sub(one, f32x4.mul(bent, bent));
    const dc = madd(f32x4.mul(d, o), through, v128.load(dCell + at));
    v128.store(dCell + at, f32x4.mul(dc, f));
    v128.store(here, f32x4.mul(f32x4.mul(dc, q), f32x4.mul(i, f32x4.sub(one, i))));
    v128.store(here + gate, f32x4.mul(f32x4.mul(dc, v128.load(before + at)), f32x4.mul(f, f32x4.sub(one, f))));
    v128.store(here + 2 * gate, f32x4.mul(f32x4.mul(dc, i), f32x4.sub(one, f32x4.mul(q, q))));
    v128.store(here + 3 * gate, f32x4.mul(f32x4.mul(d, bent), f32x4.mul(o, f32x4.sub(one, o))));
  }
}
