import { RuntimeError } from '../errors.ts';
import { layoutOf } from '../kernels/layout.ts';
import type { NetworkShape } from '../kernels/shape.ts';
import { weightShapes } from '../kernels/weights.ts';

export interface TrainingSize {
  readonly shape: NetworkShape;
  /** Windows a batch. */
  readonly batchSize: number;
  readonly dropout: boolean;
  /** Rows of the series that training reads, and windows of each kind. */
  readonly rows: number;
  readonly fit: number;
  readonly validate: number;
}

/** Copies of the weights beside the kernels' memory: initial or kept ones, and a checkpoint's four, twice. */
const COPIES = 9;
const FLOAT_BYTES = 4;

/** Bytes that a training needs at its peak, beside the task itself. */
export function trainingBytes({ shape, batchSize, dropout, rows, fit, validate }: TrainingSize): number {
  const series = rows * shape.features;
  const { bytes } = layoutOf({
    shape,
    lanes: 8,
    rows: Math.min(batchSize, fit),
    training: { dropout, series, fit, validate },
  });
  const weights = weightShapes(shape).reduce(
    (sum, array) => sum + array.shape.reduce((product, size) => product * size, 1),
    0,
  );
  return bytes + (series + fit + COPIES * weights) * FLOAT_BYTES;
}

/** @throws RuntimeError setting_invalid where a training needs more than `limit` bytes */
export function checkMemory(size: TrainingSize, limit: number): void {
  const bytes = trainingBytes(size);
  if (bytes <= limit) return;
  const { shape, rows } = size;
  const batch = Math.min(size.batchSize, size.fit);
  throw new RuntimeError(
    'setting_invalid',
    `expected a training within ${megabytes(limit)} MB of memory, got one of ${megabytes(bytes)} MB: ` +
      `${batch} rows a batch x ${shape.steps} steps x ${shape.layers} layers of ${shape.units} units, ` +
      `${rows} rows x ${shape.features} features`,
  );
}

function megabytes(bytes: number): number {
  return Math.ceil(bytes / 2 ** 20);
}
