import type { BatchSettings } from '../batch.ts';
import type { NetworkShape } from '../shape.ts';
import { encoderDecoderAnswer, recurrentAnswer } from './recurrent-reference.ts';
import { tcnAnswer } from './tcn-reference.ts';
import { transformerAnswer } from './transformer-reference.ts';

/** The kernels' equations, one number at a time in 64 bits, as slow and plain as can be. */
export interface ReferenceOf {
  readonly shape: NetworkShape;
  /** Keras' arrays, in the order of weightShapes. */
  readonly weights: readonly ArrayLike<number>[];
  /** [step][feature] of one window. */
  readonly context: readonly (readonly number[])[];
  /** What the units of each layer with dropout are multiplied by. */
  readonly masks?: readonly (readonly number[])[];
}

const ANSWERS: Readonly<Record<string, (of: ReferenceOf) => number[]>> = {
  GRU: recurrentAnswer,
  LSTM: recurrentAnswer,
  TCN: tcnAnswer,
  ED_LSTM: encoderDecoderAnswer,
  TETS: transformerAnswer,
};

/** The answers to one window. */
export function referenceAnswer(of: ReferenceOf): number[] {
  const answer = ANSWERS[of.shape.family];
  if (answer === undefined) throw new TypeError(`expected a reference for ${of.shape.family}, got none`);
  return answer(of);
}

/** The mean loss over rows and outputs. */
export function referenceLoss(
  kind: BatchSettings['loss'],
  answers: readonly (readonly number[])[],
  truths: readonly (readonly number[])[],
): number {
  const losses = answers.flatMap((answer, row) =>
    answer.map((y, output) => lossOf(kind, y - (truths[row]?.[output] ?? Number.NaN))),
  );
  return losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
}

function lossOf(kind: BatchSettings['loss'], d: number): number {
  if (kind === 'mse') return d * d;
  if (kind === 'mae') return Math.abs(d);
  return Math.abs(d) <= 1 ? (d * d) / 2 : Math.abs(d) - 0.5;
}
