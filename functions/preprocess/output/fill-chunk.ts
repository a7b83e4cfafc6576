import type { DuckDBDataChunk } from '@duckdb/node-api';
import type * as Bindings from '@duckdb/node-bindings';
import { createRequire } from 'node:module';

/** Not by an import: an ES module finds nothing in a Lambda layer, where the native library is. */
const bindings: typeof Bindings = createRequire(import.meta.url)('@duckdb/node-bindings');

/** Writes numbers into a DOUBLE column of a chunk, as many as it has rows, as they lie in memory; NaN becomes null. */
export function fillDoubles(chunk: DuckDBDataChunk, column: number, values: Float64Array): void {
  const { buffer, byteOffset, byteLength } = values;
  if (!(buffer instanceof ArrayBuffer)) return fillDoubles(chunk, column, values.slice());
  const vector = bindings.data_chunk_get_vector(chunk.chunk, column);
  bindings.copy_data_to_vector(vector, 0, buffer, byteOffset, byteLength);
  const first = firstMissing(values);
  if (first < 0) return;
  const valid = validityOf(values, first);
  bindings.vector_ensure_validity_writable(vector);
  bindings.copy_data_to_vector_validity(vector, 0, valid.buffer, 0, valid.byteLength);
}

function firstMissing(values: Float64Array): number {
  for (let row = 0; row < values.length; row += 1) if (Number.isNaN(values[row])) return row;
  return -1;
}

/** A bit a row, lowest first, in whole words of 64; 0 where a value is missing. */
function validityOf(values: Float64Array, first: number): Uint8Array<ArrayBuffer> {
  const bits = new Uint8Array(Math.ceil(values.length / 64) * 8).fill(0xff);
  for (let row = first; row < values.length; row += 1)
    if (Number.isNaN(values[row])) bits[row >> 3] = (bits[row >> 3] ?? 0) & ~(1 << (row & 7));
  return bits;
}
