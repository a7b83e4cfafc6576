import { createHash } from 'node:crypto';
import { DuckDBInstance } from '@duckdb/node-api';
import { decompress } from 'fzstd';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hours, randomNumbers, range } from '../../shared/testing/tables.ts';
import { arrayColumn, wholeColumn } from '../columns/column.ts';
import { runWork } from '../threads/run-work.ts';
import { dataHash } from './data-hash.ts';
import { writeParquet } from './parquet.ts';
import type { StoredColumn } from './stored-columns.ts';

const random = randomNumbers(1);
const ROWS = 5000;
const column = (value: (row: number) => number) =>
  arrayColumn(Float64Array.from(range(ROWS), (_, row) => value(row)));
const texts = ['fit', 'test'];
const columns: StoredColumn[] = [
  { name: 'ts', type: 'TIMESTAMP', values: arrayColumn(hours(...range(ROWS))) },
  { name: 'block', type: 'INTEGER', values: column((row) => row >> 10) },
  { name: 'inserted', type: 'BOOLEAN', values: column((row) => (row % 7 === 0 ? 1 : 0)) },
  { name: 'segment', type: 'VARCHAR', texts, values: column((row) => (row < 4000 ? 0 : 1)) },
  { name: 'it’s "a"', type: 'DOUBLE', values: column((row) => (row % 5 === 0 ? NaN : random() / 3)) },
];
const metadata = { config_hash: 'aa', roles: '{"targets":["it\'s"]}' };

const numbersFrom = (start: number, end: number): Float64Array =>
  Float64Array.from({ length: end - start }, (_, row) => ((start + row) * 7919) % 104_729);

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
  it('is read alike by a reader without DuckDB, its metadata too', async () => {
    const file = join(folder, 'a.parquet');
    await writeParquet(file, { columns, range: { start: 3990, end: 4010 }, metadata }, { folder });
    const bytes = Uint8Array.from(await readFile(file)).buffer;
    const rows = await parquetReadObjects({
      file: bytes,
      compressors: { ZSTD: (input, length) => decompress(input, new Uint8Array(length)) },
    });
    const at = (name: string, row: number): number =>
      wholeColumn(columns.find((each) => each.name === name)!.values)[row] ?? NaN;
    expect(rows).toEqual(
      range(20).map((index) => {
        const row = 3990 + index;
        const value = at('it’s "a"', row);
        return {
          ts: new Date(at('ts', row)),
          block: at('block', row),
          inserted: at('inserted', row) === 1,
          segment: texts[at('segment', row)],
          'it’s "a"': Number.isNaN(value) ? null : value,
        };
      }),
    );
    const { key_value_metadata: pairs, row_groups: groups } = parquetMetadata(bytes);
    expect(Object.fromEntries(pairs?.map(({ key, value }) => [key, value]) ?? [])).toMatchObject(metadata);
    expect(groups[0]?.columns[1]?.meta_data).toMatchObject({ codec: 'ZSTD', statistics: { min_value: 3 } });
  });

  it('writes the rows of a range with their types and metadata', async () => {
    const file = join(folder, 'a.parquet');
    await withDatabase(async (connection) => {
      await writeParquet(file, { columns, range: { start: 3990, end: 4010 }, metadata }, { folder });
      const read = await connection.runAndReadAll(
        `SELECT epoch_ms(ts)::DOUBLE, block, inserted, segment, "it’s ""a""" FROM '${file}'`,
      );
      const expected = range(20).map((index) =>
        columns.map(({ type, values }) => {
          const value = wholeColumn(values)[3990 + index] ?? NaN;
          if (type === 'BOOLEAN') return value === 1;
          if (type === 'VARCHAR') return texts[value];
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

  it('writes equal bytes for equal rows, with any number of threads', async () => {
    const rows = 300_000;
    const long = { length: rows, read: (start: number, end: number) => numbersFrom(start, end) };
    const content = {
      columns: [
        { name: 'a', type: 'DOUBLE', values: long },
        { name: 'b', type: 'INTEGER', values: long },
      ] satisfies StoredColumn[],
      range: { start: 0, end: rows },
      metadata,
    };
    const bytes: Buffer[] = [];
    for (const threads of [1, 1, 2, 4]) {
      const file = join(folder, `${bytes.length}.parquet`);
      await writeParquet(file, content, { folder, threads });
      bytes.push(await readFile(file));
    }

    expect(bytes.map((each) => each.equals(bytes[0] ?? Buffer.alloc(0)))).toEqual([true, true, true, true]);
  });

  it('passes on what reading a column throws', async () => {
    const failure = new Error('the disk is gone');
    const values = {
      length: 10,
      read: () => {
        throw failure;
      },
    };
    const content = { columns: [{ name: 'a', type: 'DOUBLE', values }] satisfies StoredColumn[], metadata };

    await expect(
      writeParquet(join(folder, 'a.parquet'), { ...content, range: { start: 0, end: 10 } }, { folder }),
    ).rejects.toBe(failure);
  });
});

describe('dataHash', () => {
  const hashOf = (stored: readonly StoredColumn[]): string => runWork(dataHash(stored));
  const small = (value: number, name = 'a', type: 'DOUBLE' | 'TIMESTAMP' = 'DOUBLE'): StoredColumn[] => [
    { name, type, values: arrayColumn(Float64Array.of(1, value)) },
  ];

  it('is over the schema, little-endian values and the null bitmap', () => {
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
      hashOf([
        { name: 'a', type: 'DOUBLE', values: arrayColumn(Float64Array.of(1.5, NaN)) },
        { name: 's', type: 'VARCHAR', texts: ['', 'fit'], values: arrayColumn(Float64Array.of(1, 0)) },
        { name: 't', type: 'TIMESTAMP', values: arrayColumn(Float64Array.of(1, 2)) },
      ]),
    ).toBe(expected);
  });

  it('takes times far from 1970 for what they are', () => {
    const times = [-62_135_596_800_000, -1, 0, 4_294_967_295_999, 253_402_300_799_999];
    const bytes = new DataView(new ArrayBuffer(8 * times.length));
    for (const [row, ms] of times.entries()) bytes.setBigInt64(8 * row, BigInt(ms) * 1000n, true);
    const expected = createHash('sha256')
      .update('[["t","TIMESTAMP"]]')
      .update(new Uint8Array(bytes.buffer))
      .update(Uint8Array.of(0))
      .digest('hex');

    expect(hashOf([{ name: 't', type: 'TIMESTAMP', values: arrayColumn(Float64Array.from(times)) }])).toBe(
      expected,
    );
  });

  it('tells null from zero, names and types apart', () => {
    const hashes = [small(0), small(NaN), small(-0), small(0, 'b'), small(0, 'a', 'TIMESTAMP')].map(hashOf);

    expect(new Set(hashes).size).toBe(5);
  });
});
