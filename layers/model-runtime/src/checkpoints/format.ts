import { createHash } from 'node:crypto';
import { z } from 'zod';
import { RuntimeError } from '../errors.ts';

/**
 * A checkpoint in bytes: "FLTSCKPT", the header's length (uint32, little-endian), the header (JSON, which names every
 * array with type and shape, padded with spaces to a multiple of four), the arrays one after the other in little-endian,
 * SHA-256 of all before it.
 */
export const FORMAT = 'flts-checkpoint/1';
const MAGIC = Buffer.from('FLTSCKPT');
const LENGTH_BYTES = 4;
const DIGEST_BYTES = 32;

const count = z.number().int().min(0);
const figure = z.number().nullable();
const header = z.object({
  format: z.literal(FORMAT),
  /** Of data, settings and version; see fingerprintOf. */
  fingerprint: z.string(),
  label: z.string(),
  /** Epochs that are finished, and batches of the next one that are done. */
  epoch: count,
  batch: count,
  /** Sum of losses over the windows of those batches. */
  loss_sum: z.number(),
  /** Steps of the optimiser; the learning rate follows from them. */
  step: count,
  /** State of the generator that shuffles the windows. */
  generator: count,
  best_epoch: count,
  /** Validation loss of the best epoch; null before the first. Patience counts the epochs since. */
  best_loss: figure,
  history: z.array(
    z.object({
      epoch: count,
      epochs: count,
      batch: count,
      batches: count,
      loss: figure,
      valLoss: figure,
      rowsPerSecond: figure,
      etaS: z.number(),
    }),
  ),
  arrays: z.array(
    z.object({ name: z.string(), dtype: z.enum(['float32', 'uint32']), shape: z.array(count).min(1) }),
  ),
});
export type CheckpointHeader = Omit<z.infer<typeof header>, 'format' | 'arrays'>;

export interface NamedArray {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array | Uint32Array;
}

export interface Checkpoint {
  readonly header: CheckpointHeader;
  readonly arrays: readonly NamedArray[];
}

/** A buffer of its own, which may be handed to another thread. */
export function encodeCheckpoint({ header: fields, arrays }: Checkpoint): Uint8Array<ArrayBuffer> {
  const named = arrays.map(({ name, shape, values }) => ({
    name,
    dtype: values instanceof Float32Array ? 'float32' : 'uint32',
    shape,
  }));
  const json = Buffer.from(JSON.stringify({ format: FORMAT, ...fields, arrays: named }));
  const length = Math.ceil(json.length / 4) * 4;
  const start = MAGIC.length + LENGTH_BYTES + length;
  const size = arrays.reduce((sum, { values }) => sum + values.byteLength, start) + DIGEST_BYTES;
  const bytes = new Uint8Array(size).fill(0x20, 0, start);
  bytes.set(MAGIC);
  new DataView(bytes.buffer).setUint32(MAGIC.length, length, true);
  bytes.set(json, MAGIC.length + LENGTH_BYTES);
  let end = start;
  for (const { values } of arrays) {
    bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), end);
    end += values.byteLength;
  }
  bytes.set(digestOf(bytes), end);
  return bytes;
}

/** @throws RuntimeError checkpoint_invalid where a byte is another one than was written, or the format is not known */
export function decodeCheckpoint(bytes: Uint8Array): Checkpoint {
  const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const least = MAGIC.length + LENGTH_BYTES + DIGEST_BYTES;
  if (whole.length < least || !whole.subarray(0, MAGIC.length).equals(MAGIC))
    throw invalid(`one of ${FORMAT}`, `${whole.length} bytes that begin otherwise`);
  if (!whole.subarray(-DIGEST_BYTES).equals(digestOf(whole)))
    throw invalid('bytes of their own SHA-256', `${whole.length} bytes of another`);
  const start = MAGIC.length + LENGTH_BYTES + whole.readUInt32LE(MAGIC.length);
  const parsed = header.safeParse(parsedJson(whole.subarray(MAGIC.length + LENGTH_BYTES, start)));
  if (!parsed.success) throw invalid(`a header of ${FORMAT}`, parsed.error.issues[0]?.message ?? 'another');
  const { arrays: named, format: _format, ...fields } = parsed.data;
  let end = start;
  const arrays = named.map(({ name, dtype, shape }) => {
    const from = end;
    end += 4 * shape.reduce((product, size) => product * size, 1);
    const { buffer } = Uint8Array.from(whole.subarray(from, end));
    return { name, shape, values: dtype === 'float32' ? new Float32Array(buffer) : new Uint32Array(buffer) };
  });
  if (end !== whole.length - DIGEST_BYTES)
    throw invalid(`${end} bytes before the digest`, String(whole.length - DIGEST_BYTES));
  return { header: fields, arrays };
}

export function invalid(expected: string, got: string): RuntimeError {
  return new RuntimeError('checkpoint_invalid', `expected a checkpoint: ${expected}, got ${got}`);
}

function digestOf(whole: Uint8Array): Buffer {
  return createHash('sha256').update(whole.subarray(0, -DIGEST_BYTES)).digest();
}

function parsedJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}
