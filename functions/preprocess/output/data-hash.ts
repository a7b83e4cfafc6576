import { createHash } from 'node:crypto';
import { endianness } from 'node:os';
import { PIECE_ROWS, piecesOf } from '../columns/column.ts';
import type { Work } from '../progress.ts';
import type { StoredColumn } from './stored-columns.ts';

const LITTLE = endianness() === 'LE';
const TWO_32 = 2 ** 32;

/**
 * Lower-case hex SHA-256 over the schema (JSON of [name, type] pairs), then each column in order: little-endian
 * values (TIMESTAMP: int64 microseconds; DOUBLE: float64; INTEGER: int32; BOOLEAN: one byte; VARCHAR: uint32 length
 * and UTF-8; null: zero), then a bitmap with a bit a row, lowest first, set where the value is null. Of a column, its bitmap
 * alone is in memory.
 */
export function* dataHash(columns: readonly StoredColumn[]): Work<string> {
  const hash = createHash('sha256');
  hash.update(JSON.stringify(columns.map(({ name, type }) => [name, type])));
  for (const [index, column] of columns.entries()) {
    const nulls = new Uint8Array(Math.ceil(column.values.length / 8));
    const bytesOf = encoderOf(column);
    for (const { start, values } of piecesOf(column.values)) {
      if (column.type === 'DOUBLE') markNulls(nulls, start, values);
      hash.update(bytesOf(values));
    }
    hash.update(nulls);
    yield { phase: 'derive', share: (index + 1) / columns.length };
  }
  return hash.digest('hex');
}

function markNulls(nulls: Uint8Array, start: number, values: Float64Array): void {
  for (let index = 0; index < values.length; index += 1) {
    if (!Number.isNaN(values[index])) continue;
    const row = start + index;
    nulls[row >> 3] = (nulls[row >> 3] ?? 0) | (1 << (row & 7));
  }
}

function encoderOf(column: StoredColumn): (values: Float64Array) => Uint8Array {
  switch (column.type) {
    case 'BOOLEAN':
      return (values) => new Uint8Array(values);
    case 'DOUBLE':
      return createDoubles();
    case 'INTEGER':
      return (values) => encode(values, 4, (view, at, value) => view.setInt32(at, value, true));
    case 'TIMESTAMP':
      return (values) => encode(values, 8, setMicroseconds);
    case 'VARCHAR': {
      const encoded = column.texts.map(lengthAndText);
      return (values) => Buffer.concat(Array.from(values, (text) => encoded[text] ?? new Uint8Array()));
    }
  }
}

/** The bytes are good until the next ones are asked for. */
function createDoubles(): (values: Float64Array) => Uint8Array {
  const known = new Float64Array(PIECE_ROWS);
  if (!LITTLE)
    return (values) =>
      encode(values, 8, (view, at, value) => view.setFloat64(at, Number.isNaN(value) ? 0 : value, true));
  return (values) => {
    for (let row = 0; row < values.length; row += 1) {
      const value = values[row] ?? NaN;
      known[row] = Number.isNaN(value) ? 0 : value;
    }
    return new Uint8Array(known.buffer, 0, values.byteLength);
  };
}

function encode(
  values: Float64Array,
  width: number,
  set: (view: DataView, at: number, value: number) => void,
): Uint8Array {
  const view = new DataView(new ArrayBuffer(values.length * width));
  for (let row = 0; row < values.length; row += 1) set(view, row * width, values[row] ?? 0);
  return new Uint8Array(view.buffer);
}

/** An int64 of epoch ms times a thousand, in two halves: the product is more than a number holds exactly. */
function setMicroseconds(view: DataView, at: number, ms: number): void {
  const high = Math.floor(ms / TWO_32);
  const low = (ms - high * TWO_32) * 1000;
  const carried = Math.floor(low / TWO_32);
  view.setUint32(at, low - carried * TWO_32, true);
  view.setInt32(at + 4, high * 1000 + carried, true);
}

function lengthAndText(text: string): Uint8Array {
  const bytes = Buffer.from(text, 'utf8');
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.length);
  return Buffer.concat([length, bytes]);
}
