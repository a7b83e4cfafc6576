import type { TrainProgress } from '../types.ts';
import { decodeCheckpoint } from './format.ts';

/** How far a checkpoint has come. */
export interface CheckpointInfo {
  readonly label: string;
  /** Epochs that are finished, and batches of the next one that are done. */
  readonly epoch: number;
  readonly batch: number;
  /** One entry for each finished epoch. */
  readonly history: readonly TrainProgress[];
}

/** @throws RuntimeError checkpoint_invalid where it was damaged, or is of another version of the format */
export function readCheckpoint(bytes: Uint8Array): CheckpointInfo {
  const { label, epoch, batch, history } = decodeCheckpoint(bytes).header;
  return { label, epoch, batch, history };
}
