import { blockBytes, FLOAT, panelBytes, reserveTurned, type Plan, type Sequence } from '../plan.ts';
import { padded } from '../shape.ts';
import {
  at,
  turn,
  turnColumns,
  writeStruct,
  type GradientPass,
  type Group,
  type Mask,
  type Pass,
  type SequenceBlock,
} from './block.ts';

export const GATES = { GRU: 3, LSTM: 4 } as const;
export type Cell = keyof typeof GATES;

export interface RecurrentOf {
  readonly cell: Cell;
  readonly units: number;
  readonly input: Sequence;
  /** Features of the input that are not padding. */
  readonly features: number;
}

/** The struct Layer of kernels/layer.ts, in its order. */
const LAYER_FIELDS = [
  ...(['steps', 'panels', 'lanes', 'keep', 'inputs', 'units', 'x', 'xStride', 'h', 'hStride'] as const),
  ...(['g', 'gStride', 's', 'dh', 'dx', 'scratch', 'zeros', 'w', 'u', 'b', 'wBack', 'uBack'] as const),
] as const;
type Fields = Readonly<Record<(typeof LAYER_FIELDS)[number], number>>;

interface Layer {
  readonly cell: Cell;
  readonly address: number;
  readonly fields: Fields;
  /** Gate columns, padded. */
  readonly columns: number;
  readonly input: Sequence;
  /** h, and what the next block reads: h itself, or h with units dropped. */
  readonly h: Sequence;
  readonly out: Sequence;
  readonly mask: number;
  /** Copies for gradients of weights: s (GRU's) and the gates' gradients [column / 4][step][panel][8 rows][4]. */
  readonly s: Sequence;
  readonly gates: number;
  readonly gatesBlock: number;
}

/** A GRU or LSTM layer that answers every step; kernels/gru.ts and kernels/lstm.ts have the equations. */
export function recurrentLayer(plan: Plan, of: RecurrentOf): SequenceBlock {
  const layer = planLayer(plan, of);
  const { w, u, b, hStride, inputs, units } = layer.fields;
  const { features, cell } = of;
  const gates = { gates: GATES[cell], columns: of.units };
  const masks: Mask[] = layer.mask === 0 ? [] : [{ at: layer.mask, stride: hStride, units }];
  return {
    places: [
      { at: w, rows: features, depth: inputs, ...gates },
      { at: u, rows: of.units, depth: units, ...gates },
      { at: b, rows: 1, depth: 1, ...gates },
    ],
    groups: [groupOf(layer)],
    masks,
    out: layer.out,
    open: (memory, panels) => writeStruct(memory, layer.address, LAYER_FIELDS, { ...layer.fields, panels }),
    forward: (pass) => forward(layer, pass),
    backward: (pass) => backward(layer, pass),
  };
}

function planLayer(plan: Plan, { cell, units: size, input }: RecurrentOf): Layer {
  const { lanes, panels, isTraining, dropout, weights, matrix, reserve, reserveToTrain } = plan;
  const { steps, features: inputs } = input;
  const units = padded(size);
  const columns = GATES[cell] * units;
  const [hStride, gStride] = [panelBytes(plan, units), panelBytes(plan, columns)];
  const whole = steps * panels;
  // A single row keeps its gates too, since the inputs' share of them is made for all steps at once.
  const keep = !isTraining && lanes > 1 ? 0 : 1;
  const kept = keep === 1 ? whole : panels;
  const fields = {
    steps,
    panels,
    lanes,
    keep,
    inputs,
    units,
    hStride,
    gStride,
    w: matrix(inputs, columns),
    u: matrix(units, columns),
    b: weights(columns * FLOAT),
    x: input.at,
    xStride: input.stride,
    h: reserve(whole * hStride),
    g: reserve(kept * gStride),
    s: reserve(kept * hStride),
    dh: reserveToTrain(whole * hStride),
    dx: input.gradient,
    scratch: reserveToTrain(panels * hStride),
    zeros: reserve(hStride),
    wBack: input.gradient === 0 ? 0 : reserveToTrain(inputs * columns * FLOAT),
    uBack: reserveToTrain(units * columns * FLOAT),
  };
  const shared = { steps, features: units, stride: hStride, gradient: fields.dh };
  const sequence = (start: number): Sequence => ({
    ...shared,
    at: start,
    turned: reserveTurned(plan, steps, units),
    turnedBlock: blockBytes(whole, 8),
  });
  const h = sequence(fields.h);
  return {
    cell,
    fields,
    columns,
    input,
    h,
    out: dropout ? sequence(reserve(whole * hStride)) : h,
    mask: dropout ? reserve(panels * hStride) : 0,
    s: cell === 'GRU' ? sequence(fields.s) : h,
    gates: reserveToTrain((columns / 4) * blockBytes(whole, 4)),
    gatesBlock: blockBytes(whole, 4),
    address: reserve(LAYER_FIELDS.length * FLOAT),
  };
}

function forward({ cell, address, h, out, mask }: Layer, pass: Pass): void {
  const { kernels, span } = pass;
  const run = cell === 'GRU' ? kernels.gruForward : kernels.lstmForward;
  run(address, span.from, span.to);
  if (mask === 0) return;
  // out = h x mask, the same mask at every step.
  for (let step = 0; step < h.steps; step += 1)
    kernels.multiply(at(out, out.at, step, pass), at(h, h.at, step, pass), ...masked(h, mask, pass));
}

function masked({ stride }: Sequence, mask: number, { span }: Pass): [mask: number, bytes: number] {
  return [mask + span.from * stride, (span.to - span.from) * stride];
}

/** From dh to the gradients of every gate, and copies of what gradients of weights read. */
function backward(layer: Layer, pass: Pass): void {
  const { cell, address, h, out, mask } = layer;
  const { kernels, span } = pass;
  for (let step = 0; mask !== 0 && step < h.steps; step += 1) {
    const dh = at(h, h.gradient, step, pass);
    kernels.multiply(dh, dh, ...masked(h, mask, pass));
  }
  const run = cell === 'GRU' ? kernels.gruBackward : kernels.lstmBackward;
  run(address, span.from, span.to);
  const { fields, columns, gates, gatesBlock } = layer;
  const { steps, g, gStride } = fields;
  const columnsOf = { steps, features: columns, stride: gStride };
  turnColumns(columnsOf, { source: g, target: gates, block: gatesBlock }, pass);
  turn(h, pass);
  if (out !== h) turn(out, pass);
  if (cell === 'GRU') turn(layer.s, pass);
}

function groupOf(layer: Layer): Group {
  const { w, u, b, wBack, uBack, inputs, units } = layer.fields;
  return {
    blocks: layer.columns / 4,
    matrices: [
      { w, depth: inputs, back: wBack },
      { w: u, depth: units, back: uBack },
    ],
    vectors: [b],
    gradients: (pass) => gradients(layer, pass),
  };
}

function gradients(layer: Layer, { kernels, span: { from, to }, panels, toGradient }: GradientPass): void {
  const { cell, fields, input, h, s, columns, gates, gatesBlock } = layer;
  const { w, u, b, inputs, units } = fields;
  const rows = fields.steps * panels * 8;
  const given = [input.turned, input.turnedBlock, gates, gatesBlock, 0] as const;
  kernels.weightGradient(w + toGradient, inputs, rows, ...given, from, to);
  kernels.biasGradient(b + toGradient, rows, gates, gatesBlock, from, to);
  // The first step has no h before it. GRU's candidate, the last gate, reads s instead, of its own step.
  const step = panels * 8;
  const candidate = cell === 'GRU' ? (units / 4) * 2 : columns / 4;
  const later = [gates, gatesBlock, step] as const;
  kernels.weightGradient(
    ...([u + toGradient, units, rows - step, h.turned, h.turnedBlock, ...later] as const),
    ...([Math.min(from, candidate), Math.min(to, candidate)] as const),
  );
  kernels.weightGradient(
    ...([u + toGradient, units, rows - step, s.turned + step * 32, s.turnedBlock, ...later] as const),
    ...([Math.max(from, candidate), Math.max(to, candidate)] as const),
  );
}
