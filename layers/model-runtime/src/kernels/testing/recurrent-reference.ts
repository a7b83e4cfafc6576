import { GATES } from '../blocks/recurrent.ts';
import { column, dense } from './dense-reference.ts';
import type { ReferenceOf } from './reference.ts';

/** The equations of kernels/gru.ts and kernels/lstm.ts. */
export function recurrentAnswer({ shape, weights, context, masks }: ReferenceOf): number[] {
  let sequence: readonly (readonly number[])[] = context;
  for (let layer = 0; layer < shape.layers; layer += 1) {
    const [w = [], u = [], b = []] = weights.slice(3 * layer, 3 * layer + 3);
    let state = { h: zeros(shape.units), c: zeros(shape.units) };
    sequence = sequence.map((x) => {
      state = shape.family === 'GRU' ? gruStep({ w, u, b }, x, state.h) : lstmStep({ w, u, b }, x, state);
      return state.h.map((h, unit) => h * (masks?.[layer]?.[unit] ?? 1));
    });
  }
  const [w = [], b = []] = weights.slice(3 * shape.layers);
  return dense(sequence.at(-1) ?? [], w, b);
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
