import { describe, expect, it } from 'vitest';
import { parseTimestamp } from '../../shared/dataset/timestamps.ts';
import { randomNumbers, range } from '../../shared/testing/tables.ts';
import { createTimeReader, takePlainNumber, type CellReader } from './cell-reader.ts';
import { numberOf } from './number.ts';

type Take = (reader: CellReader, target: Float64Array, row: number) => boolean | number;

/** What is read of a cell, and whether the reader then stands at its end. */
function read(take: Take, cell: string): { taken: boolean; value: number; at: number } {
  const reader = { bytes: Buffer.from(`${cell},7\n`), delimiter: 44, at: 0 };
  const target = new Float64Array(1);
  return { taken: Boolean(take(reader, target, 0)), value: target[0] ?? NaN, at: reader.at };
}

const random = randomNumbers(11);
/** Numbers as people and programs write them. */
const numbers = range(4000).map((each) => {
  const value = (random() - 0.5) * 10 ** (each % 12);
  return (
    [`${value}`, value.toFixed(each % 15), `${Math.round(value)}`, `${value}`.slice(0, 16)][each % 4] ?? ''
  );
});

describe('takePlainNumber', () => {
  it('reads to the last bit what Number reads', () => {
    const plain = [
      ...numbers,
      '0',
      '-0',
      '5.',
      '.5',
      '-.5',
      '00012',
      '9007199254740993',
      '0.30000000000000004',
    ];
    const got = plain.map((cell) => ({ cell, ...read(takePlainNumber, cell) }));

    // Exponents are left to others.
    expect(got.filter(({ cell, taken }) => taken === /e/u.test(cell))).toEqual([]);
    const taken = got.filter((each) => each.taken);
    expect(taken.map(({ value, at }) => [value, at])).toEqual(
      taken.map(({ cell }) => [Number(cell), cell.length]),
    );
  });

  it.each(['', '-', '.', '1.2.3', '1e5', ' 1', '1 ', '+1', '--1', '1_0', 'NA', '9'.repeat(151)])(
    'leaves %j to others, and stays',
    (cell) => {
      expect(read(takePlainNumber, cell)).toMatchObject({ taken: false, at: 0 });
    },
  );
});

describe('numberOf', () => {
  it.each([
    ['1e5', 1e5],
    [' +.5e-3\t', 0.0005],
    ['1e-400', 0],
    ['1e150', 1e150],
    ['1.1e150', undefined],
    [' NULL ', NaN],
    ['nan', NaN],
    ['', NaN],
    ['-nan', undefined],
    ['0x10', undefined],
    ['5\u00a0', undefined],
  ])('of %j is %s', (cell, value) => {
    expect(numberOf(cell)).toBe(value);
  });
});

describe('a time reader', () => {
  it.each([
    '2001-01-31',
    '2001-01-31T12:30',
    '2001-01-31 12:30:59',
    '2001-01-31T23:59:59Z',
    '1969-12-31T23:59',
    '0001-01-01',
    '9999-12-31T00:00:00Z',
  ])('reads %s as parseTimestamp does', (cell) => {
    expect(read(createTimeReader(), cell)).toEqual({
      taken: true,
      value: parseTimestamp(cell),
      at: cell.length,
    });
  });

  it.each([
    '2001-02-30',
    '2001-02-30T00:00',
    '2001-01-31T24:00',
    '2001-01-31T12:60',
    '2001-01-31T12:00:60',
    '2001-01-31T12:00:00.5Z',
    '2001-01-31T12:00+02:00',
    '2001-01-31x',
    '2001-1-31',
    '978307200',
    '',
  ])('leaves %j to others, and stays', (cell) => {
    expect(read(createTimeReader(), cell)).toMatchObject({ taken: false, at: 0 });
  });

  it('remembers the day of the cell before and no more', () => {
    const take = createTimeReader();
    const cells = ['2001-01-31T12:00', '2001-01-31T13:00', '2001-02-30', '2001-02-30', '2001-01-31'];
    expect(
      cells.map((cell) => read(take, cell)).map(({ taken, value }) => (taken ? value : undefined)),
    ).toEqual(cells.map((cell) => parseTimestamp(cell)));
  });
});
