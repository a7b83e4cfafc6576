import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { gzipSync } from 'node:zlib';
import { loadMeta } from '../shared/dataset/load.ts';
import { sha256 } from '../shared/hash.ts';
import { trainingClaim } from '../shared/messages/schema.ts';
import { TOPICS } from '../shared/topics.ts';
import { HOUR_MS, START } from '../shared/testing/tables.ts';
import { databaseFile } from './testing/database-file.ts';
import { parse } from './testing/parse.ts';
import { roughCsv } from './testing/rough-source.ts';
import { createStage, hourlyCsv, type Stage } from './testing/stage.ts';
import { zstdFrame } from './testing/zstd-frame.ts';

/** The rows of a CSV text as JSON lines; empty cells are left out. */
function jsonLinesOf(csv: string): string {
  const [header = '', ...lines] = csv.trimEnd().split('\n');
  const names = header.split(',');
  return lines
    .map((line) => {
      const cells = line.split(',').map((text, index) => [names[index] ?? '', text] as const);
      const known = cells.filter(([, text]) => text !== '');
      const valueOf = (text: string) => (Number.isNaN(Number(text)) ? text : Number(text));
      return JSON.stringify(Object.fromEntries(known.map(([name, text]) => [name, valueOf(text)])));
    })
    .join('\n');
}

/** The rows of a CSV text as SQL. */
function selectOf(csv: string): string {
  const [header = '', ...lines] = csv.trimEnd().split('\n');
  const rows = lines.map(
    (line) =>
      `(${line
        .split(',')
        .map((text) => `'${text}'`)
        .join(', ')})`,
  );
  const [time = '', ...numeric] = header.split(',');
  const at = `CASE WHEN ${time} LIKE '%T%' THEN replace(${time}, 'Z', '')::TIMESTAMP ELSE make_timestamp(${time}::BIGINT * 1000000) END`;
  const numbers = numeric.map((name) => `nullif("${name}", '')::DOUBLE AS "${name}"`);
  return `SELECT ${at.replaceAll(`${time}::BIGINT`, `try_cast(${time} AS BIGINT)`)} AS ${time}, ${numbers.join(', ')} FROM (VALUES ${rows.join(', ')}) AS _(${header.replaceAll(/\w+/gu, '"$&"')})`;
}

const metaOf = async (stage: Stage, identifier = 'x') => {
  const claim = trainingClaim.parse(stage.publisher.messages(TOPICS.trainingData).at(-1));
  return loadMeta(stage.storage, identifier, claim.config_hash);
};

describe('the same rows', () => {
  it('have one data_hash in every format, each file with the identity of its own bytes', async () => {
    const csv = roughCsv(300);
    const files: [string, string | Uint8Array][] = [
      ['x.csv', csv],
      ['x.csv.gz', gzipSync(csv)],
      ['x.csv.zst', zstdFrame([csv.slice(0, 5000), csv.slice(5000)])],
      ['x.csv', await databaseFile(selectOf(csv), 'FORMAT csv, HEADER, COMPRESSION zstd')],
      ['x.jsonl', jsonLinesOf(csv)],
      ['x.ndjson', gzipSync(jsonLinesOf(csv))],
      ['x.jsonl.zst', zstdFrame([jsonLinesOf(csv)])],
      ['x.parquet', await databaseFile(selectOf(csv))],
      [
        'x.parquet',
        await databaseFile(selectOf(csv), 'FORMAT parquet, ROW_GROUP_SIZE 2048, COMPRESSION zstd'),
      ],
    ];
    const found: string[] = [];
    for (const [key, body] of files) {
      const stage = createStage();
      const upload = await stage.put(key, body);
      await stage.run(upload);
      const meta = await metaOf(stage);
      expect(await stage.status('x', upload)).toMatchObject({ state: 'SUCCESS' });
      expect(meta).toMatchObject({ source: { object: key }, config: { inputs: { train: sha256(body) } } });
      found.push(meta.data_hash);
    }

    expect(found).toEqual(files.map(() => found[0]));
  });

  it('go with a test file of another format', async () => {
    const [train, test] = [hourlyCsv(100), hourlyCsv(20, START + 100 * HOUR_MS)];
    const hashes = [];
    for (const [key, body] of [
      ['x_test.csv', test],
      ['x_test.jsonl', jsonLinesOf(test)],
      ['x_test.parquet', await databaseFile(selectOf(test))],
    ] as const) {
      const stage = createStage();
      await stage.put(key, body);
      await stage.run(await stage.put('x.parquet', await databaseFile(selectOf(train))));
      const meta = await metaOf(stage);
      expect(meta).toMatchObject({ rows: { train: 100, test: 20 }, test_source: { object: key } });
      hashes.push(meta.data_hash);
    }

    expect(new Set(hashes).size).toBe(1);
  });

  it('are refused as a test file that lacks a column, by its name', async () => {
    const stage = createStage();
    await stage.put('x_test.jsonl', jsonLinesOf(hourlyCsv(5)).replaceAll('flow', 'flux'));

    await expect(stage.run(await stage.put('x.csv', hourlyCsv(100)))).rejects.toMatchObject({
      code: 'columns_differ',
      message: expect.stringContaining('got no flow and flux besides'),
    });
  });
});

describe('JSON lines', () => {
  it('are read with keys in any order, missing ones for missing cells, and epochs or texts for times', async () => {
    const lines = [
      '\uFEFF{"time": 1000000000, "a": 1.5}',
      '',
      '  {"b": -2e3, "a": null, "time": "2001-09-09T01:47:40Z"}',
      '{"toString": 7, "time": "1000000120"}',
    ];
    const table = await parse(lines.join('\r\n'), undefined, 'last', { key: 'x.jsonl' });

    expect(table.indexColumn).toBe('time');
    expect(table.columns).toEqual(['a', 'b', 'toString']);
    expect([...table.ts]).toEqual([1_000_000_000_000, 1_000_000_060_000, 1_000_000_120_000]);
    expect(table.values).toEqual({
      a: Float64Array.of(1.5, NaN, NaN),
      b: Float64Array.of(NaN, -2000, NaN),
      toString: Float64Array.of(NaN, NaN, 7),
    });
  });

  it('find the time column by its values, or by INDEX_COLUMN', async () => {
    const line = '{"a": 5, "when": "2001-01-01"}\n';

    expect((await parse(line, undefined, 'last', { key: 'x.jsonl' })).indexColumn).toBe('when');
    expect((await parse('{"a": 1000000000, "time": 1}\n', 'a', 'last', { key: 'x.jsonl' })).columns).toEqual([
      'time',
    ]);
  });

  it('may be longer than what is read at once', async () => {
    const lines = Array.from({ length: 9000 }, (_, row) => `{"time":${1e9 + row * 60},"a":${row}}`);
    const table = await parse(lines.join('\n'), undefined, 'last', { key: 'x.jsonl' });

    expect(table.values['a']).toEqual(Float64Array.from(lines.keys()));
  });
});

describe('Parquet', () => {
  const timesOf = async (cells: readonly string[]): Promise<string[]> => {
    const rows = cells.map((cell) => `SELECT ${cell} AS time, 1 AS a`).join(' UNION ALL ');
    const table = await parse(await databaseFile(rows), undefined, 'last', { key: 'x.parquet' });
    return [...table.ts].map((at) => new Date(at).toISOString());
  };

  it.each([
    ['seconds', ["TIMESTAMP_S '2001-01-31 12:00:00'"], ['2001-01-31T12:00:00.000Z']],
    ['milliseconds', ["TIMESTAMP_MS '2001-01-31 12:00:00.123'"], ['2001-01-31T12:00:00.123Z']],
    ['microseconds', ["TIMESTAMP '2001-01-31 12:00:00.123999'"], ['2001-01-31T12:00:00.123Z']],
    ['nanoseconds', ["TIMESTAMP_NS '2001-01-31 12:00:00.123999999'"], ['2001-01-31T12:00:00.123Z']],
    ['an instant', ["TIMESTAMPTZ '2001-01-31 12:00:00+02'"], ['2001-01-31T10:00:00.000Z']],
    ['a date', ["DATE '2001-01-31'"], ['2001-01-31T00:00:00.000Z']],
    ['text', ["'2001-01-31T12:00+01:00'"], ['2001-01-31T11:00:00.000Z']],
    ['epoch seconds', ['1000000000::INTEGER'], ['2001-09-09T01:46:40.000Z']],
    ['epoch milliseconds', ['1000000000123::BIGINT'], ['2001-09-09T01:46:40.123Z']],
    ['epoch seconds with a fraction', ['1000000000.5::DOUBLE'], ['2001-09-09T01:46:40.500Z']],
    [
      'times before 1970, cut towards the past',
      ["TIMESTAMP '1969-12-31 23:59:59.9991'", "TIMESTAMP '1960-01-01'"],
      ['1960-01-01T00:00:00.000Z', '1969-12-31T23:59:59.999Z'],
    ],
    [
      'nanoseconds before 1970',
      ["TIMESTAMP_NS '1969-12-31 23:59:59.999999999'"],
      ['1969-12-31T23:59:59.999Z'],
    ],
    ['times after 2262', ["TIMESTAMP '9999-12-31 23:59:59.999999'"], ['9999-12-31T23:59:59.999Z']],
  ])('reads %s', async (_, cells, times) => {
    expect(await timesOf(cells)).toEqual(times);
  });

  it('reads numbers of every type; nulls and NaN are missing', async () => {
    const columns = {
      tiny: ['-7::TINYINT', -7],
      unsigned: ['250::UTINYINT', 250],
      big: ['9007199254740993::BIGINT', 9007199254740992],
      float: ['0.1::FLOAT', 0.10000000149011612],
      double: ['0.1::DOUBLE', 0.1],
      decimal: ['0.1::DECIMAL(9, 4)', 0.1],
      long: ['12345678901234567.123456789::DECIMAL(38, 9)', 12345678901234568],
      nan: ["'nan'::DOUBLE", NaN],
      missing: ['NULL::INTEGER', NaN],
      'a "b", c': ['1', 1],
      ' spaced ': ['2', 2],
    } as const;
    const selected = Object.entries(columns).map(
      ([name, [sql]]) => `${sql} AS "${name.replaceAll('"', '""')}"`,
    );
    const body = await databaseFile(`SELECT DATE '2001-01-01' AS time, ${selected.join(', ')}`);
    const { values } = await parse(body, undefined, 'last', { key: 'x.parquet' });

    expect(values).toEqual(
      Object.fromEntries(
        Object.entries(columns).map(([name, [, value]]) => [name.trim(), Float64Array.of(value)]),
      ),
    );
  });

  it('finds the time column by its type', async () => {
    const body = await databaseFile("SELECT 5 AS a, TIMESTAMPTZ '2001-01-01 00:00:00+00' AS seen");

    expect((await parse(body, undefined, 'last', { key: 'x.parquet' })).indexColumn).toBe('seen');
  });

  it('keeps the order of rows over many row groups, and sorts them by time', async () => {
    const body = await databaseFile(
      `SELECT TIMESTAMP '2001-01-01' + to_minutes((range * 7919) % 30000) AS time, ((range * 7919) % 30000)::INTEGER AS a FROM range(30000)`,
      'FORMAT parquet, ROW_GROUP_SIZE 2048',
    );
    const table = await parse(body, undefined, 'last', { key: 'x.parquet' });

    expect(table.values['a']).toEqual(Float64Array.from({ length: 30_000 }, (_, row) => row));
  });

  it('leaves no file behind where it is refused', async () => {
    const before = await readdir(tmpdir());
    const stage = createStage();
    const body = await databaseFile("SELECT DATE '2001-01-01' AS time, [1] AS a");
    const upload = await stage.put('x.parquet', body);
    await expect(stage.run(upload)).rejects.toMatchObject({ code: 'column_not_numeric' });

    const left = (await readdir(tmpdir())).filter((name) => !before.includes(name));
    expect(
      left.filter((name) => name.startsWith(`flts-preprocess-`) && name.includes(`-${process.pid}-`)),
    ).toEqual([]);
  });
});
