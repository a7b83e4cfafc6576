import { createHash } from 'node:crypto';
import { outputsOf, type NetworkShape } from '../kernels/shape.ts';
import type { TrainSettings } from '../types.ts';
import { RUNTIME_VERSION } from '../version.ts';

export interface FingerprintOf {
  readonly shape: NetworkShape;
  readonly settings: TrainSettings;
  readonly inputs: Float32Array;
  readonly fit: Int32Array;
  readonly validate: Int32Array;
  /** What training begins with; undefined where that follows from the seed. */
  readonly initial: readonly Float32Array[] | undefined;
}

/** Equal for trainings that go through the same numbers; a checkpoint of another one is never taken up. */
export function fingerprintOf({ shape, settings, inputs, fit, validate, initial }: FingerprintOf): string {
  const sorted = (of: object): [string, unknown][] =>
    Object.entries(of).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const hash = createHash('sha256');
  // The names that the first checkpoints of this version were made with.
  const { family: cell, ...sizes } = shape;
  const named = { cell, ...sizes, outputs: outputsOf(shape) };
  hash.update(JSON.stringify([RUNTIME_VERSION, sorted(named), sorted(settings)]));
  for (const { buffer, byteOffset, byteLength } of [inputs, fit, validate, ...(initial ?? [])])
    hash.update(String(byteLength)).update(new Uint8Array(buffer, byteOffset, byteLength));
  return hash.digest('hex');
}
