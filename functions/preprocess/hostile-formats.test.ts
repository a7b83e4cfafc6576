import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { databaseFile } from './testing/database-file.ts';
import { parse } from './testing/parse.ts';
import { zstdFrame } from './testing/zstd-frame.ts';

type File = string | Uint8Array | (() => Promise<Uint8Array>);

const DAY = '2001-01-01';
const first = `{"time":"${DAY}","a":1}\n`;
const json = (line: string): string => `${first}${line}\n`;
const cell = (value: string): string => json(`{"time":"2001-01-02","a":${value}}`);
const parquet =
  (columns: string, from = ''): (() => Promise<Uint8Array>) =>
  () =>
    databaseFile(`SELECT ${columns} ${from}`);
const timed = (columns: string): (() => Promise<Uint8Array>) => parquet(`DATE '${DAY}' AS time, ${columns}`);
/** Six hours, whose fourth has another value. */
const hours = (fourth: string) =>
  parquet(
    `TIMESTAMP '2001-01-01' + to_hours(range) AS time, CASE range WHEN 3 THEN ${fourth} ELSE 1 END AS a`,
    'FROM range(6)',
  );
const whole = parquet(`TIMESTAMP '2001-01-01' + to_hours(range) AS time, range AS a`, 'FROM range(1000)');
const changed = (change: (bytes: Buffer) => Uint8Array) => async (): Promise<Uint8Array> =>
  change(Buffer.from(await whole()));
const MEGABYTE = 1 << 20;

/** What is in the file, its name, the code, what the message says of place and value. */
const refused: readonly [string, string, File, string, string][] = [
  // zstd
  [
    'a zstd bomb',
    'x.csv',
    zstdFrame(Array.from({ length: 1032 }, () => ({ byte: '\n', times: 128 * 1024 }))),
    'object_too_large',
    '134217728 bytes once unpacked at dataset/x.csv',
  ],
  [
    'zstd data that is cut',
    'x.csv',
    zstdFrame([`time,a\n${DAY},1\n`]).subarray(0, -3),
    'file_unreadable',
    'whole zstd data at dataset/x.csv',
  ],
  [
    'a zstd window of 128 MiB',
    'x.csv.zst',
    zstdFrame(['time,a\n'], 27),
    'file_unreadable',
    'window of 134217728',
  ],
  ['zstd data of nothing', 'x.csv.zst', zstdFrame(['']), 'file_empty', 'dataset/x.csv.zst'],
  ['zstd in gzip', 'x.csv', gzipSync(zstdFrame(['time,a\n'])), 'file_not_text', 'dataset/x.csv'],
  // JSON lines
  ['nothing', 'x.jsonl', '', 'file_empty', 'dataset/x.jsonl'],
  ['blank lines alone', 'x.ndjson', '\n \n', 'file_empty', 'dataset/x.ndjson'],
  ['CSV by another name', 'x.jsonl', `time,a\n${DAY},1\n`, 'file_unreadable', 'line 1, got "time,a"'],
  ['an array of objects', 'x.jsonl', `[${first.trim()}]`, 'file_unreadable', 'line 1, got "[{'],
  ['an object on several lines', 'x.jsonl', '{\n"time": 1\n}\n', 'file_unreadable', 'line 1, got "{"'],
  ['two objects on a line', 'x.jsonl', json(first.trim().repeat(2)), 'file_unreadable', 'line 2'],
  ['a line that is cut', 'x.jsonl', json('{"time":"2001-01-02","a":'), 'file_unreadable', 'line 2'],
  ['null for an object', 'x.jsonl', json('null'), 'file_unreadable', 'line 2, got "null"'],
  ['bare NaN', 'x.jsonl', cell('NaN'), 'file_unreadable', 'line 2'],
  ['bytes that are no UTF-8', 'x.jsonl', Buffer.from(cell('"größe"'), 'latin1'), 'file_not_text', 'at byte'],
  ['a line of 2 MB', 'x.jsonl', json(' '.repeat(2 * MEGABYTE)), 'file_not_text', 'a line of more than'],
  ['a number as text', 'x.jsonl', cell('"5"'), 'column_not_numeric', 'column "a" of dataset/x.jsonl, line 2'],
  ['true', 'x.jsonl', cell('true'), 'column_not_numeric', 'line 2, got "true"'],
  ['a nested object', 'x.jsonl', cell('{"b":1}'), 'column_not_numeric', 'line 2, got "{\\"b\\":1}"'],
  ['a list', 'x.jsonl', cell('[1,2]'), 'column_not_numeric', 'line 2, got "[1,2]"'],
  ['1e400', 'x.jsonl', cell('1e400'), 'column_not_numeric', 'line 2'],
  ['1e200', 'x.jsonl', cell('1e200'), 'column_not_numeric', 'line 2, got "1e+200"'],
  [
    'text after line 100,000',
    'x.jsonl',
    `${first.repeat(100_000)}\n${cell('"high"')}`,
    'column_not_numeric',
    'line 100003, got "high"',
  ],
  ['no time in an object', 'x.jsonl', json('{"a":1}'), 'timestamp_invalid', 'line 2, got ""'],
  [
    'a time that is none',
    'x.jsonl',
    json('{"time":"noon","a":1}'),
    'timestamp_invalid',
    'line 2, got "noon"',
  ],
  ['a nested time', 'x.jsonl', json('{"time":{"$date":1},"a":1}'), 'timestamp_invalid', 'line 2'],
  ['no time column', 'x.jsonl', '{"a":1,"b":2}\n', 'time_column_missing', 'the columns a, b'],
  ['one key', 'x.jsonl', `{"time":"${DAY}"}\n`, 'column_missing', '"time"'],
  ['no key', 'x.jsonl', '{}\n', 'column_missing', 'got none'],
  [
    'keys that differ in case',
    'x.jsonl',
    json('{"time":"2001-01-02","A":1}'),
    'column_reserved',
    '"a" and "A"',
  ],
  [
    'another key on each line',
    'x.jsonl',
    Array.from({ length: 30_000 }, (_, row) => `{"time":${1e9 + row},"k${row}":1}`).join('\n'),
    'object_too_large',
    'the same few keys in each object of dataset/x.jsonl',
  ],
  // Parquet
  ['nothing', 'x.parquet', '', 'file_empty', 'dataset/x.parquet'],
  [
    'CSV by another name',
    'x.parquet',
    `time,a\n${DAY},1\n`,
    'file_unreadable',
    'PAR1 at dataset/x.parquet, got "time"',
  ],
  ['a file of two bytes', 'x.parquet', 'PA', 'file_unreadable', 'got "PA"'],
  [
    'a truncated footer',
    'x.parquet',
    changed((bytes) => bytes.subarray(0, -20)),
    'file_unreadable',
    'with its footer',
  ],
  [
    'no footer',
    'x.parquet',
    changed((bytes) => bytes.subarray(0, 100)),
    'file_unreadable',
    'with its footer',
  ],
  [
    'a footer longer than the file',
    'x.parquet',
    changed((bytes) => (bytes.writeUInt32LE(0x7fffffff, bytes.length - 8), bytes)),
    'file_unreadable',
    'dataset/x.parquet',
  ],
  [
    'a footer of zeros',
    'x.parquet',
    changed((bytes) => bytes.fill(0, bytes.length - 300, bytes.length - 8)),
    'file_unreadable',
    'dataset/x.parquet',
  ],
  [
    'broken pages',
    'x.parquet',
    changed((bytes) => bytes.fill(255, 4, 200)),
    'file_unreadable',
    'dataset/x.parquet',
  ],
  ['packed Parquet', 'x.parquet', changed((bytes) => gzipSync(bytes)), 'file_unreadable', 'begins with PAR1'],
  ['Parquet by another name', 'x.csv', whole, 'file_not_text', 'NUL at byte'],
  [
    'a struct',
    'x.parquet',
    timed("{'b': 1} AS a"),
    'column_not_numeric',
    'column "a" of dataset/x.parquet, got the type STRUCT',
  ],
  [
    'a list',
    'x.parquet',
    timed('[1, 2] AS a'),
    'column_not_numeric',
    'column "a" of dataset/x.parquet, got the type INTEGER[]',
  ],
  ['text', 'x.parquet', timed("'5' AS a"), 'column_not_numeric', 'got the type VARCHAR'],
  ['truth values', 'x.parquet', timed('true AS a'), 'column_not_numeric', 'got the type BOOLEAN'],
  ['bytes', 'x.parquet', timed("'5'::BLOB AS a"), 'column_not_numeric', 'got the type BLOB'],
  ['a second time', 'x.parquet', timed("TIME '10:00' AS a"), 'column_not_numeric', 'got the type TIME'],
  ['another date', 'x.parquet', timed(`DATE '${DAY}' AS a`), 'column_not_numeric', 'got the type DATE'],
  [
    'a nested time',
    'x.parquet',
    parquet("{'at': 1} AS time, 1 AS a"),
    'timestamp_invalid',
    'got the type STRUCT',
  ],
  ['infinity', 'x.parquet', hours("'inf'::DOUBLE"), 'column_not_numeric', 'row 4, got "Infinity"'],
  ['1e200', 'x.parquet', hours('-1e200'), 'column_not_numeric', 'row 4, got "-1e+200"'],
  [
    'no time in a row',
    'x.parquet',
    parquet(
      `CASE WHEN range <> 2 THEN TIMESTAMP '${DAY}' + to_hours(range) END AS time, 1 AS a`,
      'FROM range(4)',
    ),
    'timestamp_invalid',
    'row 3, got "null"',
  ],
  [
    'a time without end',
    'x.parquet',
    parquet("'infinity'::TIMESTAMP AS time, 1 AS a"),
    'timestamp_invalid',
    'row 1, got "null"',
  ],
  [
    'the year 20,000',
    'x.parquet',
    parquet("TIMESTAMP '20000-01-01' AS time, 1 AS a"),
    'timestamp_invalid',
    'row 1',
  ],
  [
    'text that is no time',
    'x.parquet',
    parquet("'noon' AS time, 1 AS a"),
    'timestamp_invalid',
    'row 1, got "noon"',
  ],
  [
    'no rows',
    'x.parquet',
    parquet(`DATE '${DAY}' AS time, 1 AS a`, 'WHERE false'),
    'file_header_only',
    'dataset/x.parquet',
  ],
  ['one column', 'x.parquet', parquet(`DATE '${DAY}' AS time`), 'column_missing', '"time"'],
  ['no time column', 'x.parquet', parquet('1 AS a, 2 AS b'), 'time_column_missing', 'the columns a, b'],
  [
    'names that differ in case',
    'x.parquet',
    timed('1 AS "élan", 2 AS "Élan"'),
    'column_reserved',
    '"élan" and "Élan"',
  ],
  [
    'a name twice',
    'x.parquet',
    async () => {
      const bytes = await timed('1 AS aaaa, 2 AS aaab')();
      return Buffer.from(Buffer.from(bytes).toString('latin1').replaceAll('aaab', 'aaaa'), 'latin1');
    },
    'column_reserved',
    '"aaaa" and "aaaa"',
  ],
  [
    'a Parquet bomb',
    'x.parquet',
    parquet(`TIMESTAMP '${DAY}' AS time, 1 AS a`, 'FROM range(9000000)'),
    'object_too_large',
    'cells once unpacked at dataset/x.parquet',
  ],
];

const bytesOf = async (file: File): Promise<string | Uint8Array> =>
  typeof file === 'function' ? await file() : file;

describe('a hostile file of another format', () => {
  it.each(refused)(
    'with %s, called %s, is refused, with the place',
    async (_, key, ...[file, code, place]) => {
      await expect(parse(await bytesOf(file), undefined, 'last', { key })).rejects.toMatchObject({
        code,
        retryable: false,
        message: expect.stringContaining(place),
      });
    },
  );

  it('names both places of a repeated time where that is an error', async () => {
    const lines = `${first}\n{"time":"2001-01-02","a":2}\n${first}`;
    await expect(parse(lines, undefined, 'error', { key: 'x.jsonl' })).rejects.toMatchObject({
      code: 'timestamp_invalid',
      message: expect.stringMatching(/line 1 has the same.*line 4, got "2001-01-01"/u),
    });
    const rows = await databaseFile(
      `SELECT DATE '${DAY}' + (range % 2)::INTEGER AS time, 1 AS a FROM range(3)`,
    );
    await expect(parse(rows, undefined, 'error', { key: 'x.parquet' })).rejects.toMatchObject({
      code: 'timestamp_invalid',
      message: expect.stringMatching(/row 1 has the same.*row 3, got "2001-01-01T00:00:00/u),
    });
  });
});
