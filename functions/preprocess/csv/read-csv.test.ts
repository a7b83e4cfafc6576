import { describe, expect, it } from 'vitest';
import { parse } from '../testing/parse.ts';

const DAY = 86_400_000;
const DAYS = [0, 1, 2].map((day) => Date.UTC(2001, 0, 1) + day * DAY);
const rows = (...lines: string[]): string => lines.join('\n') + '\n';

describe('readCsv', () => {
  it.each([
    ['commas', rows('time,a,b', '2001-01-01,1,2', '2001-01-02,3,', '2001-01-03,-5e-1,6')],
    ['semicolons', rows('time;a;b', '2001-01-01;1;2', '2001-01-02;3;', '2001-01-03;-5e-1;6')],
    ['tabs', rows('time\ta\tb', '2001-01-01\t1\t2', '2001-01-02\t3\t', '2001-01-03\t-5e-1\t6')],
    ['CR LF', 'time,a,b\r\n2001-01-01,1,2\r\n2001-01-02,3,\r\n2001-01-03,-5e-1,6\r\n'],
    ['mixed line ends', 'time,a,b\r\n2001-01-01,1,2\n2001-01-02,3,\r2001-01-03,-5e-1,6'],
    ['a byte order mark', rows('\uFEFFtime,a,b', '2001-01-01,1,2', '2001-01-02,3,', '2001-01-03,-5e-1,6')],
    [
      'blank lines',
      rows('', 'time,a,b', '', '2001-01-01,1,2', '2001-01-02,3,', '', '2001-01-03,-5e-1,6', ''),
    ],
    ['quotes', rows('"time","a","b"', '"2001-01-01","1",2', '2001-01-02,3,""', '2001-01-03," -5e-1 ","6"')],
    ['spaces', rows('time, a ,b', ' 2001-01-01 , 1 ,2', '2001-01-02,3, ', '2001-01-03,-5e-1,6')],
  ])('reads a file with %s', async (_, text) => {
    const table = await parse(text);

    expect(table.indexColumn).toBe('time');
    expect(table.columns).toEqual(['a', 'b']);
    expect([...table.ts]).toEqual(DAYS);
    expect(table.values).toEqual({ a: Float64Array.of(1, 3, -0.5), b: Float64Array.of(2, NaN, 6) });
  });

  it('takes empty cells, NA, NaN and null in any case for missing', async () => {
    const cells = ['', 'NA', 'nan', 'NaN', 'null', 'NULL', ' na '];
    const table = await parse(rows('time,a', ...cells.map((cell, day) => `2001-01-0${day + 1},${cell}`)));

    expect(table.values['a']).toEqual(new Float64Array(cells.length).fill(NaN));
  });

  it('sorts rows, and of rows with the same timestamp keeps the last of the file', async () => {
    const csv = rows('time,a', '2001-01-03,3', '2001-01-01,1', '2001-01-03,4', '2001-01-02,2');
    const table = await parse(csv, undefined, 'last');

    expect([...table.ts]).toEqual(DAYS);
    expect([...(table.values['a'] ?? [])]).toEqual([1, 2, 4]);
    expect(table.duplicates).toBe(1);
  });

  it.each([
    [
      'the name that stands first among ts, timestamp, time, date, datetime',
      'date,Time,a',
      '5,2001-01-01,1',
      'Time',
    ],
    ['the only column that holds times', 'a,when,b', '1,2001-01-01,2', 'when'],
    ['times rather than numbers that could be epochs', 'a,when', '109934672,2001-01-01', 'when'],
    ['the only column that holds epochs', 'a,when', '1,978307200', 'when'],
    ['a column without a name', ',a', '2001-01-01,1', 'column_1'],
  ])('finds the time column: %s', async (_, header, row, expected) => {
    expect((await parse(rows(header, row))).indexColumn).toBe(expected);
  });

  it('takes the time column that is asked for', async () => {
    const table = await parse(rows('time,made,a', '5,2001-01-01,1'), 'made');

    expect(table.indexColumn).toBe('made');
    expect(table.columns).toEqual(['time', 'a']);
  });

  it('keeps every digit of a number', async () => {
    const numbers = ['0.1', '4.5624052728606196e-08', '9007199254740993', '1.7976931348623157e149', '-0'];
    const table = await parse(rows('time,a', ...numbers.map((cell, day) => `2001-01-0${day + 1},${cell}`)));

    expect([...(table.values['a'] ?? [])]).toEqual(numbers.map(Number));
  });
});

describe('readCsv refuses', () => {
  const long = 'x'.repeat(200);
  it.each([
    ['an empty file', '', 'file_empty', 'dataset/x.csv'],
    ['a file of blank lines', '\n \n\n', 'file_empty', 'dataset/x.csv'],
    ['a header without rows', 'time,a\n\n', 'file_header_only', 'dataset/x.csv'],
    ['a short row', 'time,a,b\n\n2001-01-01,1,2\n2001-01-02,3\n', 'row_ragged', '3 fields .* line 4, got 2'],
    ['a long row', 'time,a\n2001-01-01,1\n2001-01-02,3,4\n', 'row_ragged', '2 fields .* line 3, got 3'],
    ['a delimiter too many', 'time,a\n2001-01-01,1,\n', 'row_ragged', '2 fields .* line 2, got 3'],
    ['a row after a quoted line break', 'time,a\n2001-01-01,"1\n"\nx\n', 'row_ragged', 'line 4, got 1'],
    ['a quote that is never closed', 'time,a\n2001-01-01,1\n"2001-01-02,2\n', 'file_unreadable', 'line 3'],
    ['text after a closing quote', 'time,a\n2001-01-01,"1"2\n', 'file_unreadable', 'line 2'],
    ['a header over two lines', 'time,"a\nb"\n2001-01-01,1\n', 'file_unreadable', 'line 1'],
    [
      'text alone',
      'time,a,b\n2001-01-01,,x\n2001-01-02,z,y\n',
      'column_not_numeric',
      'column "a" of dataset/x.csv, line 3, got "z"',
    ],
    [
      'a text cell',
      'time,a\n2001-01-01,1\n\n2001-01-02,absent\n',
      'column_not_numeric',
      'column "a" of dataset/x.csv, line 4, got "absent"',
    ],
    [
      'the first of two text cells',
      'time,a,b\n2001-01-01,1,x\n2001-01-02,y,2\n',
      'column_not_numeric',
      'column "b" of dataset/x.csv, line 2',
    ],
    [
      'two decimal signs',
      'time;a\n2001-01-01;1,5\n2001-01-02;1.5\n',
      'column_not_numeric',
      'line 3, got "1.5"',
    ],
    ['an infinite number', 'time,a\n2001-01-01,inf\n', 'column_not_numeric', 'finite number .* got "inf"'],
    ['a number too large', 'time,a\n2001-01-01,1e999\n', 'column_not_numeric', 'got "1e999"'],
    ['an underscore in a number', 'time,a\n2001-01-01,1_000\n', 'column_not_numeric', 'got "1_000"'],
    [
      'a value as long as a page',
      `time,a\n2001-01-01,${long}\n`,
      'column_not_numeric',
      `got "${'x'.repeat(80)}"$`,
    ],
    [
      'a bad timestamp',
      'time,a\n2001-01-01,1\n2001-02-30,2\n',
      'timestamp_invalid',
      'column "time" of dataset/x.csv, line 3, got "2001-02-30"',
    ],
    [
      'a missing timestamp',
      'time,a\n,1\n',
      'timestamp_invalid',
      'column "time" of dataset/x.csv, line 2, got ""',
    ],
    ['a file without times', 'a,b\n1,2\n', 'time_column_missing', 'got the columns a, b'],
    [
      'two columns of times',
      'a,b,c\n2001-01-01,2001-01-01,1\n',
      'time_column_missing',
      'got the columns a, b, c',
    ],
    ['a single column', 'time\n2001-01-01\n', 'column_missing', 'got "time"'],
    ['columns that differ in case alone', 'time,a,A\n2001-01-01,1,2\n', 'column_reserved', '"a" and "A"'],
    ['a NUL', 'time,a\n2001-01-01,\u00001\n', 'file_not_text', 'a NUL at byte 18'],
  ])('%s', async (_, text, code, place) => {
    await expect(parse(text)).rejects.toMatchObject({
      code,
      retryable: false,
      message: expect.stringMatching(place),
    });
  });

  it('a time column that is asked for and not there', async () => {
    await expect(parse('time,a\n2001-01-01,1\n', 'made')).rejects.toMatchObject({
      code: 'time_column_missing',
      message: expect.stringContaining('"made"'),
    });
  });

  it('bytes that are no text, naming the first', async () => {
    const bytes = Buffer.concat([
      Buffer.from('time,a\nä,1\n'),
      Buffer.from([0x41, 0xff, 0xfe]),
      Buffer.from('\nü,2\n'),
    ]);

    await expect(parse(bytes)).rejects.toMatchObject({
      code: 'file_not_text',
      message: expect.stringContaining('at byte 13'),
    });
  });
});

describe('readCsv of files longer than a block', () => {
  const LINES = 60_000;
  /** 3 MB: quoted cells with line ends in them, missing cells, blank lines, and one bad line where there is to be one. */
  const file = (bad: Readonly<Record<number, string>> = {}): string =>
    [
      'time,a,b',
      ...Array.from({ length: LINES }, (_, row) => {
        const at = 978_307_200 + row * 60;
        if (bad[row] !== undefined) return bad[row];
        if (row % 10_000 === 77) return `\n"${at}",${row},"2"`;
        return row % 3 === 0 ? `${at},NA,${row / 8}` : `${at},${row},${row / 8}                    `;
      }),
    ].join('\n');

  it('reads every row, wherever blocks end', async () => {
    const { ts, values } = await parse(file());

    expect(ts).toHaveLength(LINES);
    expect(ts.every((at, row) => at === (978_307_200 + row * 60) * 1000)).toBe(true);
    const a = values['a'] ?? new Float64Array();
    expect(a.every((value, row) => Object.is(value, row % 3 === 0 && row % 10_000 !== 77 ? NaN : row))).toBe(
      true,
    );
  });

  it.each([
    [{ 50_000: '1,x,2', 59_000: '1,2' }, 'row_ragged', `line ${59_000 + 2 + 6}, got 2`],
    [
      { 50_000: 'soon,1,2', 59_000: '981847200,x,2' },
      'column_not_numeric',
      `line ${59_000 + 2 + 6}, got "x"`,
    ],
    [{ 50_000: 'soon,1,2', 59_000: 'later,1,2' }, 'timestamp_invalid', `line ${50_000 + 2 + 5}, got "soon"`],
  ])('of several bad lines %j names the one of %s', async (bad, code, place) => {
    await expect(parse(file(bad))).rejects.toMatchObject({ code, message: expect.stringContaining(place) });
  });

  it('names both lines of a timestamp that comes twice where that is an error', async () => {
    const twice = file({ 55_000: `${978_307_200 + 100 * 60},1,2` });

    await expect(parse(twice, undefined, 'error')).rejects.toMatchObject({
      code: 'timestamp_invalid',
      message: expect.stringMatching(/line 103 has the same\).*line 55008, got "978313200"/u),
    });
  });
});
