import { createHash, type Hash } from 'node:crypto';
import type { Segments } from '@flts/model-runtime';
import { actualColumn, BLOCK_COLUMN, inputColumns, TIME_COLUMN } from '../../shared/dataset/reader.ts';
import type { ProcessedDataset } from '../steps/dataset.ts';
import { INSERTED_COLUMN, SEGMENT_COLUMN } from '../steps/roles.ts';

/** A column as the processed files hold it. TIMESTAMP values are epoch ms here; NaN stands for null. */
export type StoredColumn =
  | { readonly name: string; readonly type: 'TIMESTAMP' | 'DOUBLE'; readonly values: Float64Array }
  | { readonly name: string; readonly type: 'INTEGER'; readonly values: Int32Array }
  | { readonly name: string; readonly type: 'BOOLEAN'; readonly values: Uint8Array }
  | { readonly name: string; readonly type: 'VARCHAR'; readonly values: readonly string[] };

/** The columns of the processed files, in their order. */
export function storedColumns({
  ts,
  block,
  inserted,
  columns,
  actual,
  segments,
  roles,
}: ProcessedDataset): StoredColumn[] {
  const doubles = (name: string, values: Float64Array | undefined): StoredColumn => ({
    name,
    type: 'DOUBLE',
    values: values ?? new Float64Array(ts.length).fill(NaN),
  });
  return [
    { name: TIME_COLUMN, type: 'TIMESTAMP', values: ts },
    { name: BLOCK_COLUMN, type: 'INTEGER', values: block },
    { name: INSERTED_COLUMN, type: 'BOOLEAN', values: inserted },
    { name: SEGMENT_COLUMN, type: 'VARCHAR', values: segmentNames(segments) },
    ...inputColumns(roles).map((name) => doubles(name, columns[name])),
    ...roles.targets.map((name) => doubles(actualColumn(name), actual[name])),
  ];
}

function segmentNames({ fit, validate, select, test }: Segments): string[] {
  return Object.entries({ fit, validate, select, test }).flatMap(([name, { start, end }]) =>
    Array.from({ length: end - start }, () => name),
  );
}

/**
 * Lower-case hex SHA-256 over the schema (JSON of [name, type] pairs), then each column in order: little-endian
 * values (TIMESTAMP: int64 microseconds; DOUBLE: float64; INTEGER: int32; BOOLEAN: one byte; VARCHAR: uint32 length
 * and UTF-8; null: zero), then a bitmap with a bit a row, lowest first, set where the value is null.
 */
export function dataHash(columns: readonly StoredColumn[]): string {
  const hash = createHash('sha256');
  hash.update(JSON.stringify(columns.map(({ name, type }) => [name, type])));
  for (const column of columns) {
    hashValues(hash, column);
    hash.update(nullBitmap(column));
  }
  return hash.digest('hex');
}

function hashValues(hash: Hash, { type, values }: StoredColumn): void {
  if (type === 'BOOLEAN') {
    hash.update(values);
    return;
  }
  if (type === 'VARCHAR') {
    for (const text of values) {
      const bytes = Buffer.from(text, 'utf8');
      const length = Buffer.alloc(4);
      length.writeUInt32LE(bytes.length);
      hash.update(length).update(bytes);
    }
    return;
  }
  const width = type === 'INTEGER' ? 4 : 8;
  const bytes = new DataView(new ArrayBuffer(values.length * width));
  for (let row = 0; row < values.length; row += 1) {
    const value = values[row] ?? 0;
    if (type === 'INTEGER') bytes.setInt32(row * width, value, true);
    else if (type === 'TIMESTAMP') bytes.setBigInt64(row * width, microseconds(value), true);
    else bytes.setFloat64(row * width, Number.isNaN(value) ? 0 : value, true);
  }
  hash.update(new Uint8Array(bytes.buffer));
}

/** Whole microseconds of epoch ms. */
export function microseconds(ms: number): bigint {
  return BigInt(ms) * 1000n;
}

function nullBitmap({ type, values }: StoredColumn): Uint8Array {
  const bitmap = new Uint8Array(Math.ceil(values.length / 8));
  if (type !== 'DOUBLE') return bitmap;
  for (let row = 0; row < values.length; row += 1) {
    if (Number.isNaN(values[row])) bitmap[row >> 3] = (bitmap[row >> 3] ?? 0) | (1 << (row & 7));
  }
  return bitmap;
}
