import type { LayerLayout, Layout, TrainingLayout } from './layout.ts';
import type { Kernels } from './wasm.ts';

/** One thread's view of a network in memory. */
export interface Network {
  readonly kernels: Kernels;
  readonly layout: Layout;
  readonly memory: WebAssembly.Memory;
}

/** Panels or column blocks [from, to). */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** A member's share of so many panels or blocks: neighbours, as equal as can be. */
export function shareOf(count: number, member: number, members: number): Span {
  return { from: Math.floor((count * member) / members), to: Math.floor((count * (member + 1)) / members) };
}

/** From the first layer's x to the head's y, for some panels. */
export function forward({ kernels, layout }: Network, { from, to }: Span, panels = layout.panels): void {
  const run = layout.shape.cell === 'GRU' ? kernels.gruForward : kernels.lstmForward;
  const { head } = layout;
  for (const layer of layout.layers) {
    run(layer.address, from, to);
    if (layer.mask !== 0) dropUnits(kernels, layer, { from, to }, panels);
  }
  const top = layout.layers.at(-1);
  if (top === undefined) return;
  const last = top.out + ((layout.shape.steps - 1) * panels + from) * top.fields.hStride;
  kernels.product(
    layout.lanes,
    to - from,
    head.columns / 4,
    head.inputs,
    head.y + from * head.yStride,
    head.yStride,
    head.b,
    last,
    top.fields.hStride,
    head.w,
    head.inputs * 16,
  );
}

/** out = h x mask, the same mask at every step. */
function dropUnits(
  kernels: Kernels,
  { fields, out, mask }: LayerLayout,
  { from, to }: Span,
  panels: number,
): void {
  const { steps, hStride } = fields;
  for (let step = 0; step < steps; step += 1) {
    const at = (step * panels + from) * hStride;
    kernels.multiply(out + at, fields.h + at, mask + from * hStride, (to - from) * hStride);
  }
}

/** From the head's dy, in place of y, to the gradients of every gate, and copies of what gradients of weights read. */
export function backward({ kernels, layout, memory }: Network, { from, to }: Span, panels: number): void {
  const { head, layers, shape } = layout;
  const run = shape.cell === 'GRU' ? kernels.gruBackward : kernels.lstmBackward;
  const top = layers.at(-1);
  if (top === undefined || from === to) return;
  const { dh, hStride, zeros } = top.fields;
  const bytes = new Uint8Array(memory.buffer);
  for (let step = 0; step < shape.steps - 1; step += 1) {
    const at = dh + (step * panels + from) * hStride;
    bytes.fill(0, at, at + (to - from) * hStride);
  }
  const last = dh + ((shape.steps - 1) * panels + from) * hStride;
  kernels.product(
    layout.lanes,
    to - from,
    head.inputs / 4,
    head.columns,
    last,
    hStride,
    zeros,
    head.y + from * head.yStride,
    head.yStride,
    head.wBack,
    head.columns * 16,
  );
  for (const layer of layers.toReversed()) {
    if (layer.mask !== 0) maskGradient(kernels, layer, { from, to }, panels);
    run(layer.address, from, to);
    turnLayer({ kernels, layout }, layer, { from, to }, panels);
  }
  const { y, yStride, turned, turnedBlock, columns } = head;
  kernels.turnGates(turned + from * 128, turnedBlock, y + from * yStride, yStride, to - from, columns / 4);
}

/** Gates' gradients and states of some panels of every step, and the first layer's inputs. */
function turnLayer(
  { kernels, layout }: Pick<Network, 'kernels' | 'layout'>,
  { fields, columns, out, turned }: LayerLayout,
  { from, to }: Span,
  panels: number,
): void {
  const { steps, inputs, units, x, xStride, g, gStride, h, hStride, s } = fields;
  const { rowsBlock, gatesBlock } = turned;
  const states = [[h, turned.h] as const];
  if (out !== h) states.push([out, turned.out]);
  if (layout.shape.cell === 'GRU') states.push([s, turned.s]);
  const isFirst = fields === layout.layers[0]?.fields;
  const count = to - from;
  for (let step = 0; step < steps; step += 1) {
    const panel = step * panels + from;
    kernels.turnGates(
      turned.gates + panel * 128,
      gatesBlock,
      g + panel * gStride,
      gStride,
      count,
      columns / 4,
    );
    for (const [source, target] of states)
      kernels.turnRows(target + panel * 256, rowsBlock, source + panel * hStride, hStride, count, units);
    if (isFirst)
      kernels.turnRows(turned.inputs + panel * 256, rowsBlock, x + panel * xStride, xStride, count, inputs);
  }
}

function maskGradient(
  kernels: Kernels,
  { fields, mask }: LayerLayout,
  { from, to }: Span,
  panels: number,
): void {
  const { steps, dh, hStride } = fields;
  for (let step = 0; step < steps; step += 1) {
    const at = dh + (step * panels + from) * hStride;
    kernels.multiply(at, at, mask + from * hStride, (to - from) * hStride);
  }
}

/** Column blocks that are updated together: those of one layer, or of the head. */
export interface Group {
  readonly blocks: number;
  /** Weight matrices [block][depth][4] and the copy for the backward pass (0: none), bias [block][4]. */
  readonly matrices: readonly { readonly w: number; readonly depth: number; readonly back: number }[];
  readonly b: number;
}

export function groupsOf({ layers, head }: Layout): Group[] {
  const recurrent = layers.map(({ fields, columns }) => ({
    blocks: columns / 4,
    matrices: [
      { w: fields.w, depth: fields.inputs, back: fields.wBack },
      { w: fields.u, depth: fields.units, back: fields.uBack },
    ],
    b: fields.b,
  }));
  const dense = [{ w: head.w, depth: head.inputs, back: head.wBack }];
  return [...recurrent, { blocks: head.columns / 4, matrices: dense, b: head.b }];
}

/** Gradients of a layer's column blocks, over all steps and panels of a batch. */
export function layerGradients(
  network: Network,
  layer: LayerLayout,
  { from, to }: Span,
  panels: number,
): void {
  const { kernels, layout } = network;
  const { toGradient } = trained(layout);
  const { fields, turned } = layer;
  const { inputs, units } = fields;
  const { rowsBlock, gates, gatesBlock } = turned;
  const rows = fields.steps * panels * 8;
  kernels.weightGradient(
    ...([fields.w + toGradient, inputs, rows, turned.inputs, rowsBlock, gates, gatesBlock, 0] as const),
    from,
    to,
  );
  kernels.biasGradient(fields.b + toGradient, rows, gates, gatesBlock, from, to);
  // The first step has no h before it. GRU's candidate, the last gate, reads s instead, of its own step.
  const step = panels * 8;
  const candidate = layout.shape.cell === 'GRU' ? (units / 4) * 2 : layer.columns / 4;
  const du = fields.u + toGradient;
  const later = [gates, gatesBlock, step] as const;
  kernels.weightGradient(
    ...([du, units, rows - step, turned.h, rowsBlock, ...later] as const),
    ...([Math.min(from, candidate), Math.min(to, candidate)] as const),
  );
  kernels.weightGradient(
    ...([du, units, rows - step, turned.s + step * 32, rowsBlock, ...later] as const),
    ...([Math.max(from, candidate), Math.max(to, candidate)] as const),
  );
}

/** Gradients of the head's column blocks. */
export function headGradients({ kernels, layout }: Network, { from, to }: Span, panels: number): void {
  const { toGradient } = trained(layout);
  const { head, layers, shape } = layout;
  const top = layers.at(-1);
  if (top === undefined) return;
  const { out, rowsBlock } = top.turned;
  const last = out + (shape.steps - 1) * panels * 256;
  const { w, b, inputs, turned, turnedBlock } = head;
  kernels.weightGradient(
    ...([w + toGradient, inputs, panels * 8, last, rowsBlock, turned, turnedBlock, 0] as const),
    from,
    to,
  );
  kernels.biasGradient(b + toGradient, panels * 8, turned, turnedBlock, from, to);
}

export function trained({ training }: Layout): TrainingLayout {
  if (training === undefined) throw new TypeError('expected a layout for training, got one for forecasts');
  return training;
}
