import type { Sequence } from '../plan.ts';
import type { Kernels } from '../wasm.ts';

/** Panels or column blocks [from, to). */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** What a block's passes are given: a thread's kernels, its panels, and how many the batch has. */
export interface Pass {
  readonly kernels: Kernels;
  readonly span: Span;
  readonly panels: number;
}

/** What gradients are given: column blocks in place of panels. */
export interface GradientPass extends Pass {
  /** Bytes from a weight to its gradient. */
  readonly toGradient: number;
}

/** Column blocks whose gradients are made, and that are updated, by the same thread. */
export interface Group {
  readonly blocks: number;
  /** Weight matrices [block][depth][4] and the copy for the backward pass, [depth / 4][column][4] (0: none). */
  readonly matrices: readonly { readonly w: number; readonly depth: number; readonly back: number }[];
  /** Vectors [block][4] that do not decay: biases and the like. */
  readonly vectors: readonly number[];
  /** Gradients of these column blocks, over all steps and panels of a batch. */
  readonly gradients: (pass: GradientPass) => void;
}

/** An array of a Keras model, [taps x rows, gates x columns], in the kernels' memory: [gate column / 4][depth][4], or as columnsOf says. */
export interface Place {
  /** The address of the matrix. */
  readonly at: number;
  /** Columns of the matrix that lie before it, padding included; default 0. */
  readonly firstColumn?: number;
  readonly rows: number;
  /** Rows of a column block in memory, padding included. */
  readonly depth: number;
  /** Groups of rows, each padded on its own; default 1. */
  readonly taps?: number;
  /** Groups of columns, each padded on its own. */
  readonly gates: number;
  readonly columns: number;
}

/** Factors of a layer's units, one a row of the batch: [panel][unit][8]. */
export interface Mask {
  readonly at: number;
  readonly stride: number;
  readonly units: number;
}

/**
 * A part of a network. The passes of a batch go from block to block, for some panels at a time; `backward` finds the gradient
 * with respect to what the block handed on, and leaves the one with respect to what it was given, in place of what lay there.
 */
export interface Block {
  readonly places: readonly Place[];
  readonly groups: readonly Group[];
  readonly masks: readonly Mask[];
  /** Before a batch of so many panels, by one thread: writes what the kernels read of it. */
  readonly open?: (memory: WebAssembly.Memory, panels: number) => void;
  readonly forward: (pass: Pass) => void;
  readonly backward: (pass: Pass) => void;
}

/** A block whose answers are a sequence. */
export interface SequenceBlock extends Block {
  readonly out: Sequence;
}

/** A step of a sequence, from the first panel of a span on. */
export function at({ stride }: Sequence, start: number, step: number, { span, panels }: Pass): number {
  return start + (step * panels + span.from) * stride;
}

/** Clears the gradient with respect to a sequence's first steps, of all of them where none are said. */
export function clearGradient(sequence: Sequence, pass: Pass, steps = sequence.steps): void {
  const bytes = (pass.span.to - pass.span.from) * sequence.stride;
  for (let step = 0; step < steps; step += 1)
    pass.kernels.clear(at(sequence, sequence.gradient, step, pass), bytes);
}

/** Copies a sequence for the gradients of the weights that read it. */
export function turn(sequence: Sequence, pass: Pass): void {
  const { steps, features, stride, turned, turnedBlock } = sequence;
  const { span, panels, kernels } = pass;
  for (let step = 0; step < steps; step += 1) {
    const target = turned + (step * panels + span.from) * 256;
    const source = at(sequence, sequence.at, step, pass);
    kernels.turnRows(target, turnedBlock, source, stride, span.to - span.from, features);
  }
}

/** Copies gradients with respect to columns for the gradients of weights: [column / 4][step][panel][8 rows][4]. */
export function turnColumns(
  { steps, features, stride }: Pick<Sequence, 'steps' | 'features' | 'stride'>,
  { source, target, block }: { source: number; target: number; block: number },
  { kernels, span, panels }: Pass,
): void {
  for (let step = 0; step < steps; step += 1) {
    const panel = step * panels + span.from;
    const count = span.to - span.from;
    kernels.turnGates(target + panel * 128, block, source + panel * stride, stride, count, features / 4);
  }
}

/** Writes a struct that the kernels read: whole numbers of 32 bits, in the order of `names`. */
export function writeStruct<Name extends string>(
  memory: WebAssembly.Memory,
  address: number,
  names: readonly Name[],
  fields: Readonly<Record<Name, number>>,
): void {
  const struct = new Uint32Array(memory.buffer, address, names.length);
  for (const [index, name] of names.entries()) struct[index] = fields[name];
}
