import type { Answers } from '../kernels/blocks/dense.ts';
import type { Block } from '../kernels/blocks/block.ts';
import type { Plan, Sequence } from '../kernels/plan.ts';
import type { NetworkShape } from '../kernels/shape.ts';

/** One array of a Keras model: row-major, in the order of weights.bin, and what it is before anything was learnt. */
export interface ArrayOf {
  readonly name: string;
  readonly shape: readonly number[];
  readonly initial: (random: () => number) => Float32Array;
}

/** A kind of network: what it is called, what it computes on the kernels, and how it is written as a LayersModel. */
export interface Architecture {
  readonly type: string;
  /** A sentence for the docs: what it is, and its source. */
  readonly summary: string;
  /** Whether EXPECTED_MODEL_TYPES=auto may choose it; default: only where it is named. */
  readonly isUsual?: boolean;
  /** Rises where the same data and settings come to another model. */
  readonly version: number;
  readonly arrays: (shape: NetworkShape) => ArrayOf[];
  /** From the windows to the answers; the blocks' places are those of `arrays`, in their order. */
  readonly blocks: (
    plan: Plan,
    shape: NetworkShape,
    input: Sequence,
  ) => { readonly blocks: readonly Block[]; readonly answers: Answers };
  /** The topology of a TF.js LayersModel. */
  readonly topology: (shape: NetworkShape) => Record<string, unknown>;
  /** The shape of a model that is written so; undefined where it is any other. */
  readonly read: (topology: unknown) => NetworkShape | undefined;
  /** Like `read`, of a model that ends with its dense layer: what it can give to a training is its weights. */
  readonly readUnshaped?: (topology: unknown) => NetworkShape | undefined;
}
