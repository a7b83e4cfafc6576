import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { parse } from './testing/parse.ts';

type File = string | Uint8Array;

const bytes = (...parts: readonly (string | readonly number[])[]): Uint8Array =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from(part))));
/** A file of one row, at the beginning of 2001. */
const cell = (text: string): string => `time,a,b\n2001-01-01,${text},2\n`;
const time = (text: string): string => `time,a\n${text},1\n`;
/** A file of one column, a day a row. */
const column = (delimiter: string, ...cells: readonly string[]): string =>
  `time${delimiter}a\n${cells.map((text, day) => `2001-01-0${day + 1}${delimiter}${text}\n`).join('')}`;
const DAY = '2001-01-01,1\n';
const MEGABYTE = 1 << 20;
const lines = (rows: number, value: (row: number) => string): string =>
  ['time,a', ...Array.from({ length: rows }, (_, row) => `${1_000_000_000 + row * 60},${value(row)}`)].join(
    '\n',
  );

/** Sales of three stores on each of 20 days, which differ by day and store. */
const stores = (name: (store: number) => string): string =>
  [
    'date,store,sales',
    ...Array.from({ length: 60 }, (_, row) => {
      const [day, store] = [`${1 + Math.floor(row / 3)}`.padStart(2, '0'), 1 + (row % 3)];
      return `2001-01-${day},${name(store)},${(row * 7919) % 1009}`;
    }),
  ].join('\n');

/** 129 MiB of rows in a few hundred kilobytes. */
function gzipBomb(): Uint8Array {
  const packed = gzipSync('2001-01-01,1\n'.repeat(Math.ceil(MEGABYTE / 13)));
  return Buffer.concat(Array.from({ length: 129 }, () => packed));
}

/** What is in the file, the code, what the message says of place and value. */
const refused: readonly [string, File, string, string][] = [
  // bytes
  ['a gzip bomb', gzipBomb(), 'object_too_large', '134217728 bytes once unpacked at dataset/x.csv'],
  ['packed bytes that are no text', gzipSync(Buffer.alloc(1 << 20)), 'file_not_text', 'NUL at byte 0'],
  [
    'packed bytes that are cut',
    gzipSync(`time,a
${DAY}`).subarray(0, -9),
    'file_unreadable',
    'whole gzip data at dataset/x.csv',
  ],
  [
    'packed bytes that are broken',
    bytes([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 255, 255]),
    'file_unreadable',
    'gzip data',
  ],
  ['nothing, packed', gzipSync(''), 'file_empty', 'dataset/x.csv'],
  [
    'Parquet without a footer',
    bytes(
      'PAR1',
      Array.from({ length: 40 }, () => 0),
    ),
    'file_not_text',
    'NUL at byte 4',
  ],
  ['half a UTF-16 letter', bytes([0xff, 0xfe, 0x74, 0, 0x75]), 'file_not_text', 'expected utf-16le text'],
  ['another alphabet', bytes('time,', [0xe4, 0xe0, 0xf2, 0xe0], `\n${DAY}`), 'file_not_text', 'ENCODING'],
  ['overlong UTF-8', bytes('time,a\n2001-01-01,', [0xc0, 0xb1], '\n'), 'file_not_text', 'at byte 18'],
  [
    'half a surrogate pair',
    bytes('time,a\n2001-01-01,', [0xed, 0xa0, 0x80], '\n'),
    'file_not_text',
    'at byte 19',
  ],
  ['a character cut at the end', bytes(`time,a\n${DAY}`, [0xe2, 0x82]), 'file_not_text', 'at byte 22'],
  ['a NUL in a cell', `time,a\n2001-01-01,1\u00002\n`, 'file_not_text', 'NUL at byte 19'],
  ['a cell of 2 MB', cell('1'.repeat(2 * MEGABYTE)), 'file_not_text', 'a line of more than 1048576 bytes'],
  ['a name of 2 MB', `time,${'a'.repeat(2 * MEGABYTE)}\n${DAY}`, 'file_not_text', 'a line of more than'],
  ['a quoted cell of 2 M line ends', cell(`"${'\n'.repeat(2 * MEGABYTE)}"`), 'file_unreadable', 'line 2'],
  // shape
  ['a mark and nothing else', '\uFEFF', 'file_empty', 'dataset/x.csv'],
  ['spaces alone', ' \n \n', 'file_empty', 'dataset/x.csv'],
  ['JSON', '{"time":["2001-01-01"],"a":[1]}\n', 'file_header_only', 'dataset/x.csv'],
  ['JSON lines', '{"time":"2001-01-01","a":1}\n{"time":"2001-01-02","a":1}\n', 'file_unreadable', 'line 2'],
  ['HTML', '<!DOCTYPE html>\n<html><body>\n', 'column_missing', '<!DOCTYPE html>'],
  ['bars for delimiters', 'time|a\n2001-01-01|1\n', 'column_missing', 'time|a'],
  ['one column', 'time\n2001-01-01\n', 'column_missing', '"time"'],
  ['a comment before the header', `# made by hand\ntime,a\n${DAY}`, 'column_missing', '# made by hand'],
  ['no header', `${DAY}2001-01-02,2\n`, 'column_missing', 'line 1, got the values 2001-01-01, 1'],
  [
    'no header, epochs',
    '1000000000,1\n1000000060,2\n',
    'column_missing',
    'line 1, got the values 1000000000, 1',
  ],
  ['a line of spaces', `time,a\n${DAY}   \n`, 'row_ragged', 'line 3, got 1'],
  ['one field too many', 'time,a\n2001-01-01,1,2\n', 'row_ragged', 'line 2, got 3'],
  ['one field too few', 'time,a,b\n2001-01-01,1\n', 'row_ragged', 'line 2, got 2'],
  ['a delimiter at the end of each row alone', 'time,a\n2001-01-01,1,\n', 'row_ragged', 'line 2, got 3'],
  ['a quote that is not closed', 'time,a\n2001-01-01,"1\n', 'file_unreadable', 'line 2'],
  ['text after a closing quote', 'time,a\n2001-01-01,"1"x\n', 'file_unreadable', 'line 2'],
  ['a line end in a name', `time,"a\nb"\n${DAY}`, 'file_unreadable', 'line 1'],
  // names
  ['a name twice', 'time,a,a\n2001-01-01,1,2\n', 'column_reserved', '"a" and "a"'],
  [
    'names that differ in case',
    'time,Größe,GRÖSSE,größe\n2001-01-01,1,2,3\n',
    'column_reserved',
    '"Größe" and "größe"',
  ],
  ['Unicode twins', 'time,\u00e9,e\u0301\n2001-01-01,1,2\n', 'column_reserved', '"\u00e9" and "e\u0301"'],
  [
    'a name like that of an unnamed column',
    'time,,column_2\n2001-01-01,1,2\n',
    'column_reserved',
    '"column_2"',
  ],
  ['two time columns', 'time,date,a\n2001-01-01,2001-01-01,1\n', 'column_not_numeric', 'column "date"'],
  // numbers
  ['a quoted line end in a number', cell('"1\n2"'), 'column_not_numeric', 'line 2, got "1\\n2"'],
  ['a thousands separator', cell('"1,234"'), 'column_not_numeric', 'line 2, got "1,234"'],
  ['a thousands separator without quotes', cell('1,234'), 'row_ragged', 'line 2, got 4'],
  ['a thousands underscore', cell('1_000'), 'column_not_numeric', 'got "1_000"'],
  ['hexadecimal', cell('0x10'), 'column_not_numeric', 'got "0x10"'],
  ['two signs', cell('+-5'), 'column_not_numeric', 'got "+-5"'],
  ['two points', cell('1.2.3'), 'column_not_numeric', 'got "1.2.3"'],
  ['half an exponent', cell('1e'), 'column_not_numeric', 'got "1e"'],
  ['digits of another script', cell('٥'), 'column_not_numeric', 'got "٥"'],
  ['Inf', cell('Inf'), 'column_not_numeric', 'got "Inf"'],
  ['-Infinity', cell('-Infinity'), 'column_not_numeric', 'got "-Infinity"'],
  ['1e400', cell('1e400'), 'column_not_numeric', 'got "1e400"'],
  ['a number whose square is none', cell('-1e200'), 'column_not_numeric', 'at most 1e+150) in column "a"'],
  ['German thousands', column(';', '940', '1.020'), 'column_not_numeric', 'line 3, got "1.020"'],
  [
    'German thousands, with both readings',
    column(';', '1.020'),
    'column_not_numeric',
    'not 1.02 with DECIMAL=. or 1020 with DECIMAL=,',
  ],
  [
    'thousands or decimals among bare numbers',
    column(',', '940', '1.020'),
    'column_not_numeric',
    'DECIMAL=,',
  ],
  [
    'English thousands alone',
    column('\t', '1,234', '5,678'),
    'column_not_numeric',
    'not 1234 with DECIMAL=.',
  ],
  ['decimal points and commas', column(';', '1,5', '1.5'), 'column_not_numeric', 'line 3, got "1.5"'],
  [
    'thousands parted here and not there',
    column(';', '1.234,5', '12345,5', '1.5'),
    'column_not_numeric',
    'got "1.5"',
  ],
  ['groups of two digits', column(';', '12.34.56'), 'column_not_numeric', 'got "12.34.56"'],
  ['two currencies', column(',', '$5', '€5'), 'column_not_numeric', 'numbers of one unit, as $ before'],
  ['per cents and shares', column(',', '5%', '0.05'), 'column_not_numeric', 'line 3, got "0.05"'],
  ['a minus in brackets', column(',', '(-5)'), 'column_not_numeric', 'got "(-5)"'],
  ['a word among numbers', column(',', '1', 'closed'), 'column_not_numeric', 'MISSING_VALUES'],
  ['a formula', cell('=1+1'), 'column_not_numeric', 'got "=1+1"'],
  [
    'text after row 100,000',
    lines(100_002, (row) => (row === 100_001 ? 'high' : `${row}`)),
    'column_not_numeric',
    'line 100003, got "high"',
  ],
  // times
  ['a leap second', time('2016-12-31T23:59:60Z'), 'timestamp_invalid', 'line 2, got "2016-12-31T23:59:60Z"'],
  ['24 o’clock', time('2001-01-01T24:00:00Z'), 'timestamp_invalid', 'line 2'],
  ['30 February', time('2001-02-30'), 'timestamp_invalid', 'got "2001-02-30"'],
  ['29 February of no leap year', time('1900-02-29'), 'timestamp_invalid', 'got "1900-02-29"'],
  [
    'a day and a month that may be either',
    time('01/02/2001'),
    'timestamp_invalid',
    '2001-02-01T00:00:00.000Z with DATE_FORMAT=DD/MM/YYYY or 2001-01-02T00:00:00.000Z with DATE_FORMAT=MM/DD/YYYY',
  ],
  ['day before month', time('31/12/2001'), 'timestamp_invalid', 'DATE_FORMAT=DD/MM/YYYY, in column "time"'],
  ['month before day', time('12/31/2001'), 'timestamp_invalid', 'DATE_FORMAT=MM/DD/YYYY, in column "time"'],
  [
    'twelve digits that may be a date or ms',
    time('200101010600'),
    'timestamp_invalid',
    '2001-01-01T06:00:00.000Z with DATE_FORMAT=YYYYMMDDHHmm or 1976-05-04',
  ],
  ['30 February with points', time('30.02.2001'), 'timestamp_invalid', 'got "30.02.2001"'],
  ['30 February in digits', time('20010230'), 'timestamp_invalid', 'got "20010230"'],
  ['a year of two digits', time('01.02.01'), 'timestamp_invalid', 'got "01.02.01"'],
  ['a month’s name in another language', time('01-Ene-2001'), 'timestamp_invalid', 'line 2'],
  ['a weekday that is another', time('"Tue, 01 Jan 2001"'), 'timestamp_invalid', 'line 2'],
  ['a clock of twelve hours', time('1 Jan 2001 1:05 PM'), 'timestamp_invalid', 'line 2'],
  ['a zone’s name', time('2001-01-01T00:00 Europe/Berlin'), 'timestamp_invalid', 'line 2'],
  ['a year of five digits', time('+12000-01-01'), 'timestamp_invalid', 'line 2'],
  ['microseconds', time('1000000000000000'), 'timestamp_invalid', 'line 2'],
  ['nanoseconds', time('1000000000000000000'), 'timestamp_invalid', 'line 2'],
  ['days of a spreadsheet', time('36892.5'), 'timestamp_invalid', 'got "36892.5"'],
  ['no time', time(''), 'timestamp_invalid', 'line 2, got ""'],
  // times that come again
  [
    'the hour that comes twice, without offsets',
    'time,a\n2021-10-31T02:30,1\n2021-10-31T02:30,2\n',
    'timestamp_invalid',
    'line 3 and, with other values, in line 2: 1 of 2 rows would be lost',
  ],
  ['several series, by name', stores((store) => `shop ${store}`), 'timestamp_invalid', 'GROUP_COLUMN=store'],
  ['several series, by number', stores((store) => `${store}`), 'timestamp_invalid', 'GROUP_COLUMN=store'],
];

interface Repaired {
  readonly at?: readonly string[];
  readonly values: Readonly<Record<string, readonly number[]>>;
}

const NEW_YEAR = '2001-01-01T00:00:00.000Z';

/** What is in the file, what becomes of it. */
const repaired: readonly [string, File, Repaired][] = [
  ['gzip', gzipSync(`time,a\r\n${DAY}`), { at: [NEW_YEAR], values: { a: [1] } }],
  ['UTF-16', Buffer.from(`time,a\n${DAY}`, 'utf16le'), { at: [NEW_YEAR], values: { a: [1] } }],
  [
    'UTF-16 with its mark',
    Buffer.from(`\uFEFFtime\tgröße\n2001-01-01\t1\n`, 'utf16le'),
    { values: { größe: [1] } },
  ],
  [
    'UTF-16, the other end first',
    Buffer.from(`\uFEFFtime,a\n${DAY}`, 'utf16le').swap16(),
    { values: { a: [1] } },
  ],
  [
    'windows-1252',
    Buffer.from(`time;größe;b\n2001-01-01;1,5;5 \x80\n`, 'latin1'),
    { values: { größe: [1.5], b: [5] } },
  ],
  ['numbers of rows', 'time,id,a\n2001-01-01,1,5\n2001-01-02,2,6\n', { values: { a: [5, 6] } }],
  ['numbers of rows without a name', ',time,a\n0,2001-01-01,5\n1,2001-01-02,6\n', { values: { a: [5, 6] } }],
  ['numbers of rows alone', 'time,id\n2001-01-01,1\n2001-01-02,2\n', { values: { id: [1, 2] } }],
  [
    'an id that repeats',
    'time,id,a\n2001-01-01,1,5\n2001-01-02,1,6\n',
    { values: { id: [1, 1], a: [5, 6] } },
  ],
  ['a byte order mark', `\uFEFFtime,a\n${DAY}`, { at: [NEW_YEAR], values: { a: [1] } }],
  [
    'line ends of every kind',
    'time,a\r\n2001-01-01,1\r2001-01-02,2\n2001-01-03,3',
    { values: { a: [1, 2, 3] } },
  ],
  ['blank lines', `\n \ntime,a\n\n${DAY}\n\n`, { values: { a: [1] } }],
  ['quotes around everything', '"time","a"\n"2001-01-01","1"\n', { at: [NEW_YEAR], values: { a: [1] } }],
  ['a delimiter in a name', `time,"a,b"\n${DAY}`, { values: { 'a,b': [1] } }],
  ['quotes in a name', `time,"a ""b"""\n${DAY}`, { values: { 'a "b"': [1] } }],
  ['spaces around a name', `time,\u00a0a \n${DAY}`, { values: { a: [1] } }],
  ['semicolons', 'time;a\n2001-01-01;1.5\n', { values: { a: [1.5] } }],
  ['a spreadsheet’s sep= line', 'sep=;\ntime;a\n2001-01-01;1,5\n', { values: { a: [1.5] } }],
  ['semicolons and a comma in a name', 'time;load, MW\n2001-01-01;1,5\n', { values: { 'load, MW': [1.5] } }],
  ['decimal commas', column(';', '1,5', '940', '-,5'), { values: { a: [1.5, 940, -0.5] } }],
  ['decimal commas in quotes', column(',', '"1,5"', '"2,25"'), { values: { a: [1.5, 2.25] } }],
  [
    'German thousands and decimals',
    column(';', '1.020,5', '940', '1.020'),
    { values: { a: [1020.5, 940, 1020] } },
  ],
  ['German millions', column(';', '1.020.300', '940', '1.020'), { values: { a: [1020300, 940, 1020] } }],
  ['English thousands', column('\t', '1,020.5', '1,020'), { values: { a: [1020.5, 1020] } }],
  [
    'three decimals in a file with commas',
    column(',', '23.456', '0.125'),
    { values: { a: [23.456, 0.125] } },
  ],
  [
    'three decimals alone in a file with commas',
    column(',', '23.456', '1.250'),
    { values: { a: [23.456, 1.25] } },
  ],
  ['three decimals among longer numbers', column(';', '1.020', '12345'), { values: { a: [1.02, 12345] } }],
  ['thousands parted by spaces', column(';', '1 234,5', '12\u202f345'), { values: { a: [1234.5, 12345] } }],
  ['thousands parted by apostrophes', column(',', "1'234.5", '12’345'), { values: { a: [1234.5, 12345] } }],
  ['per cents', column(',', '5%', '7.5 %'), { values: { a: [5, 7.5] } }],
  ['a currency', column(';', '€ 5', '-€7,5', '9'), { values: { a: [5, -7.5, 9] } }],
  ['negative numbers in brackets', column(',', '(5)', '($7.5)', '9'), { values: { a: [-5, -7.5, 9] } }],
  ['a minus at the end, and one of typographers', column(',', '5-', '\u22127'), { values: { a: [-5, -7] } }],
  ['a space that does not break', cell('5\u00a0'), { values: { a: [5], b: [2] } }],
  [
    'words of people for missing',
    column(',', 'N/A', '#N/A', '-', '.', 'NULL', '1'),
    { values: { a: [NaN, NaN, NaN, NaN, NaN, 1] } },
  ],
  ['a column of booleans', cell('true'), { values: { b: [2] } }],
  ['a column of text', 'time,region,b\n2001-01-01,north,1\n2001-01-02,,2\n', { values: { b: [1, 2] } }],
  ['an empty column', 'time,a,\n2001-01-01,1,\n2001-01-02,2,\n', { values: { a: [1, 2] } }],
  ['tabs', 'time\ta\n2001-01-01\t1\n', { values: { a: [1] } }],
  ['no names', 'time,,\n2001-01-01,1,2\n', { values: { column_2: [1], column_3: [2] } }],
  [
    'names of an object’s own',
    'time,constructor,toString\n2001-01-01,1,2\n',
    { values: { constructor: [1], toString: [2] } },
  ],
  [
    'every word for missing',
    'time,a,b\n2001-01-01,NaN,NA\n2001-01-02,null, \n',
    { values: { a: [NaN, NaN], b: [NaN, NaN] } },
  ],
  [
    'numbers of every form',
    'time,a,b\n2001-01-01,.5,5.\n2001-01-02,+1E3,-007\n',
    { values: { a: [0.5, 1000], b: [5, -7] } },
  ],
  ['a number next to zero', cell('1e-400'), { values: { a: [0], b: [2] } }],
  [
    'a number of 5,000 digits',
    cell(`0.${'1'.repeat(5000)}`),
    { values: { a: [0.1111111111111111], b: [2] } },
  ],
  [
    'times before 1970',
    'time,a\n1969-12-31T23:59:59.999Z,2\n-315619200,1\n',
    { at: ['1960-01-01T00:00:00.000Z', '1969-12-31T23:59:59.999Z'], values: { a: [1, 2] } },
  ],
  [
    'times after 2262',
    'time,a\n2300-01-01,1\n9999-12-31T23:59:59Z,2\n',
    { at: ['2300-01-01T00:00:00.000Z', '9999-12-31T23:59:59.000Z'], values: { a: [1, 2] } },
  ],
  [
    'the hour that comes twice, with its offsets',
    'time,a\n2021-10-31T02:30:00+02:00,1\n2021-10-31T02:30:00+01:00,2\n',
    { at: ['2021-10-31T00:30:00.000Z', '2021-10-31T01:30:00.000Z'], values: { a: [1, 2] } },
  ],
  [
    'a row that comes again whole',
    'time,a\n2021-10-31T02:30,1\n2021-10-31T02:30,1\n',
    { at: ['2021-10-31T02:30:00.000Z'], values: { a: [1] } },
  ],
  [
    'seconds, milliseconds and ISO in one column',
    'time,a\n1000000000,1\n1000000060000,2\n2001-09-09T01:48:40Z,3\n',
    {
      at: ['2001-09-09T01:46:40.000Z', '2001-09-09T01:47:40.000Z', '2001-09-09T01:48:40.000Z'],
      values: { a: [1, 2, 3] },
    },
  ],
  ['year, month and day with slashes', 'time,a\n2001/01/01,1\n', { at: [NEW_YEAR], values: { a: [1] } }],
  ['day, month and year with points', 'time,a\n01.01.2001 00:00,1\n', { at: [NEW_YEAR], values: { a: [1] } }],
  ['a date of digits alone', 'time,a\n20010101,1\n', { at: [NEW_YEAR], values: { a: [1] } }],
  ['a month’s name', 'time,a\n01-Jan-2001,1\n', { at: [NEW_YEAR], values: { a: [1] } }],
  [
    'dates of e-mails',
    'time,a\n"Mon, 01 Jan 2001 01:00:00 +0100",1\n',
    { at: [NEW_YEAR], values: { a: [1] } },
  ],
  [
    'dates as people write them in a column of any name',
    'when,a\n01.01.2001,1000000000\n',
    { at: [NEW_YEAR], values: { a: [1e9] } },
  ],
  ['rows in no order', 'time,a\n2001-01-02,2\n2001-01-03,3\n2001-01-01,1\n', { values: { a: [1, 2, 3] } }],
];

describe('a hostile file', () => {
  it('comes in at least sixty kinds, each once', () => {
    const names = [...refused, ...repaired].map(([name]) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.length).toBeGreaterThanOrEqual(60);
  });

  it.each(refused)('with %s is refused, with the place', async (_, file, code, place) => {
    await expect(parse(file)).rejects.toMatchObject({
      code,
      retryable: false,
      message: expect.stringContaining(place),
    });
  });

  it.each(repaired)('with %s is taken for what it means', async (_, file, { at, values }) => {
    const table = await parse(file);

    expect(table.columns).toEqual(Object.keys(values));
    for (const [name, expected] of Object.entries(values))
      expect([...(table.values[name] ?? [])]).toEqual(expected);
    const times = [...table.ts].map((each) => new Date(each).toISOString());
    expect(times).toEqual(at ?? times);
  });
});
