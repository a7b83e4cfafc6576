import { DuckDBInstance } from '@duckdb/node-api';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hours, randomNumbers, range } from '../../shared/testing/tables.ts';
import { writeParquet } from './parquet.ts';
import { dataHash, type StoredColumn } from './stored-columns.ts';

const random = randomNumbers(1);
const ROWS = 5000;
const columns: StoredColumn[] = [
  { name: 'ts', type: 'TIMESTAMP', values: hours(...range(ROWS)) },
  { name: 'block', type: 'INTEGER', values: Int32Array.from(range(ROWS), (row) => row >> 10) },
  {
    name: 'inserted',
    type: 'BOOLEAN',
    values: Uint8Array.from(range(ROWS), (row) => (row % 7 === 0 ? 1 : 0)),
  },
  { name: 'segment', type: 'VARCHAR', values: range(ROWS).map((row) => (row < 4000 ? 'fit' : 'test')) },
  {
    name: 'it’s "a"',
    type: 'DOUBLE',
    values: Float64Array.from(range(ROWS), (row) => (row % 5 === 0 ? NaN : random() / 3)),
  },
];
const metadata = { config_hash: 'aa', roles: '{"targets":["it\'s"]}' };

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flts-parquet-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function withDatabase<T>(
  work: (connection: Awaited<ReturnType<DuckDBInstance['connect']>>) => Promise<T>,
): Promise<T> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  try {
    return await work(await instance.connect());
  } finally {
    instance.closeSync();
  }
}

describe('writeParquet', () => {
  it('writes the rows of a range with their types and metadata', async () => {
    const file = join(folder, 'a.parquet');
    await withDatabase(async (connection) => {
      await writeParquet(connection, file, columns, { range: { start: 3990, end: 4010 }, metadata });
      const read = await connection.runAndReadAll(
        `SELECT epoch_ms(ts)::DOUBLE, block, inserted, segment, "it’s ""a""" FROM '${file}'`,
      );
      const expected = range(20).map((index) =>
        columns.map(({ type, values }) => {
          const value = values[3990 + index];
          if (type === 'BOOLEAN') return value === 1;
          return Number.isNaN(value) ? null : value;
        }),
      );
      expect(read.getRows()).toEqual(expected);
      const types = await connection.runAndReadAll(`DESCRIBE SELECT * FROM '${file}'`);
      expect(types.getRowsJson().map((row) => row[1])).toEqual(columns.map(({ type }) => type));
      const stored = await connection.runAndReadAll(
        `SELECT decode(key), decode(value) FROM parquet_kv_metadata('${file}') ORDER BY 1`,
      );
      expect(
        Object.fromEntries(
          stored.getRowsJson().map(([key, value]) => [typeof key === 'string' ? key : '', value]),
        ),
      ).toEqual(metadata);
    });
  });

  it('writes equal bytes for equal rows', async () => {
    const range = { start: 0, end: ROWS };
    const files = ['a', 'b'].map((name) => join(folder, `${name}.parquet`));
    for (const file of files)
      await withDatabase((connection) => writeParquet(connection, file, columns, { range, metadata }));

    const [first, second] = await Promise.all(files.map((file) => readFile(file)));
    expect(first?.equals(second ?? Buffer.alloc(0))).toBe(true);
  });
});

describe('dataHash', () => {
  const small = (value: number, name = 'a', type: 'DOUBLE' | 'TIMESTAMP' = 'DOUBLE'): StoredColumn[] => [
    { name, type, values: Float64Array.of(1, value) },
  ];

  it('is over the schema, little-endian values and the null bitmap', async () => {
    const { createHash } = await import('node:crypto');
    const bytes = Buffer.alloc(16);
    bytes.writeDoubleLE(1.5, 0);
    const expected = createHash('sha256')
      .update('[["a","DOUBLE"],["s","VARCHAR"],["t","TIMESTAMP"]]')
      .update(bytes)
      .update(Uint8Array.of(0b10))
      .update(Buffer.from('0300000066697400000000', 'hex'))
      .update(Uint8Array.of(0))
      .update(Buffer.from('e803000000000000d007000000000000', 'hex'))
      .update(Uint8Array.of(0))
      .digest('hex');

    expect(
      dataHash([
        { name: 'a', type: 'DOUBLE', values: Float64Array.of(1.5, NaN) },
        { name: 's', type: 'VARCHAR', values: ['fit', ''] },
        { name: 't', type: 'TIMESTAMP', values: Float64Array.of(1, 2) },
      ]),
    ).toBe(expected);
  });

  it('tells null from zero, names and types apart', () => {
    const hashes = [small(0), small(NaN), small(-0), small(0, 'b'), small(0, 'a', 'TIMESTAMP')].map(dataHash);

    expect(new Set(hashes).size).toBe(5);
  });
});
