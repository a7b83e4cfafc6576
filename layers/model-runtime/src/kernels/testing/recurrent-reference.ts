import { GATES } from '../blocks/recurrent.ts';
import { column, dense } from './dense-reference.ts';
import type { ReferenceOf } from './reference.ts';

type Rows = readonly (readonly number[])[];

/** The equations of kernels/gru.ts and kernels/lstm.ts. */
export function recurrentAnswer(of: ReferenceOf): number[] {
  const { layers } = of.shape;
  const [w = [], b = []] = of.weights.slice(3 * layers);
  return dense(stack(of, of.context).at(-1) ?? [], w, b);
}

/** An encoder, its last step for each of the horizon, a decoder, and a dense layer over each of its steps. */
export function encoderDecoderAnswer(of: ReferenceOf): number[] {
  const { layers, horizon } = of.shape;
  const [w = [], b = []] = of.weights.slice(6 * layers);
  const last = stack(of, of.context).at(-1) ?? [];
  const repeated = Array.from({ length: horizon }, () => last);
  return stack(of, repeated, layers).flatMap((row) => dense(row, w, b));
}

/** What recurrent layers answer to a sequence; `first`: how many lie before them. */
function stack({ shape, weights, masks }: ReferenceOf, context: Rows, first = 0): Rows {
  let sequence = context;
  for (let layer = first; layer < first + shape.layers; layer += 1) {
    const [w = [], u = [], b = []] = weights.slice(3 * layer, 3 * layer + 3);
    let state = { h: zeros(shape.units), c: zeros(shape.units) };
    sequence = sequence.map((x) => {
      state = shape.family === 'GRU' ? gruStep({ w, u, b }, x, state.h) : lstmStep({ w, u, b }, x, state);
      return state.h.map((h, unit) => h * (masks?.[layer]?.[unit] ?? 1));
    });
  }
  return sequence;
}

interface Cell {
  readonly w: ArrayLike<number>;
  readonly u: ArrayLike<number>;
  readonly b: ArrayLike<number>;
}

interface State {
  readonly h: number[];
  readonly c: number[];
}

function gruStep({ w, u, b }: Cell, x: readonly number[], before: readonly number[]): State {
  const units = before.length;
  const gate = (index: number, unit: number, h: readonly number[]): number => {
    const at = index * units + unit;
    return (b[at] ?? 0) + column(w, x, at, GATES.GRU * units) + column(u, h, at, GATES.GRU * units);
  };
  const z = before.map((_, unit) => sigmoid(gate(0, unit, before)));
  const s = before.map((h, unit) => sigmoid(gate(1, unit, before)) * h);
  const n = before.map((_, unit) => Math.tanh(gate(2, unit, s)));
  const h = before.map((old, unit) => (z[unit] ?? 0) * old + (1 - (z[unit] ?? 0)) * (n[unit] ?? 0));
  return { h, c: h };
}

function lstmStep({ w, u, b }: Cell, x: readonly number[], before: State): State {
  const units = before.h.length;
  const gate = (index: number, unit: number): number => {
    const at = index * units + unit;
    return (b[at] ?? 0) + column(w, x, at, GATES.LSTM * units) + column(u, before.h, at, GATES.LSTM * units);
  };
  const c = before.c.map(
    (old, unit) => sigmoid(gate(1, unit)) * old + sigmoid(gate(0, unit)) * Math.tanh(gate(2, unit)),
  );
  return { c, h: c.map((cell, unit) => sigmoid(gate(3, unit)) * Math.tanh(cell)) };
}

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

function zeros(length: number): number[] {
  return Array.from({ length }, () => 0);
}
