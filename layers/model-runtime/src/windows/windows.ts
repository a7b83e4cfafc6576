import { RuntimeError } from '../errors.ts';
import { parametersOf } from '../scaling/scaler.ts';
import type { Columns, Roles, RowRange, Scaler } from '../types.ts';

/** Model inputs in their fixed order: targets, past, future. */
export function inputNames({ targets, past, future }: Roles): string[] {
  return [...targets, ...past, ...future];
}

/** The largest number in 32 bits. */
const MOST_FLOAT = (2 - 2 ** -23) * 2 ** 127;

/** Scaled inputs, row-major [rows, features]. @throws RuntimeError feature_count_mismatch, non_finite_input */
export function scaledInputs(
  columns: Columns,
  names: readonly string[],
  scaler: Scaler,
  rows: number,
): Float32Array {
  const packed = new Float32Array(rows * names.length);
  for (const [feature, name] of names.entries()) {
    const values = columns[name];
    if (values === undefined)
      throw new RuntimeError(
        'feature_count_mismatch',
        `expected column ${name}, got ${Object.keys(columns).join(', ')}`,
      );
    const { offset, scale } = parametersOf(scaler, name);
    for (let row = 0; row < rows; row += 1) {
      const value = values[row] ?? Number.NaN;
      if (!Number.isFinite(value))
        throw new RuntimeError(
          'non_finite_input',
          `expected a finite number in column ${name}, row ${row}, got ${value}`,
        );
      const scaled = (value - offset) / scale;
      if (Math.abs(scaled) > MOST_FLOAT)
        throw new RuntimeError(
          'non_finite_input',
          `expected at most ${MOST_FLOAT} after scaling in column ${name}, row ${row}, got ${scaled} for ${value}`,
        );
      packed[row * names.length + feature] = scaled;
    }
  }
  return packed;
}

export interface WindowsOf {
  readonly block: Int32Array;
  readonly segment: RowRange;
  /** Rows before the origin, which may lie in earlier segments. */
  readonly contextRows: number;
  readonly horizon: number;
}

/** Every origin whose horizon lies in the segment and whose context, at least one row, and horizon lie in one block. */
export function origins({ block, segment, contextRows, horizon }: WindowsOf): Int32Array {
  const found: number[] = [];
  const needed = Math.max(1, contextRows);
  for (let origin = Math.max(segment.start, needed); origin + horizon <= segment.end; origin += 1) {
    // Blocks never come back, so equal ends mean one block between them.
    if (block[origin - needed] === block[origin + horizon - 1]) found.push(origin);
  }
  return Int32Array.from(found);
}

/** Windows of scaled inputs before each origin: [origins, contextRows, features]. */
export function packContexts(
  inputs: Float32Array,
  features: number,
  at: Int32Array,
  contextRows: number,
): Float32Array {
  const packed = new Float32Array(at.length * contextRows * features);
  for (const [index, origin] of at.entries()) {
    packed.set(
      inputs.subarray((origin - contextRows) * features, origin * features),
      index * contextRows * features,
    );
  }
  return packed;
}
