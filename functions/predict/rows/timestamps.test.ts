import { describe, expect, it } from 'vitest';
import { parseTimestamps, timeColumn } from './timestamps.ts';

const inputs = ['load', 'date'];
const of = (asked?: string) => ({ asked, usual: 'when', inputs });

describe('the time column of a request', () => {
  it.each([
    ['what index_col names', { ts: [], when: [], odd: [] }, 'odd', 'odd'],
    ['ts before timestamp before time', { time: [], Timestamp: [], TS: [] }, undefined, 'TS'],
    ['a name in any case', { load: [], Time: [] }, undefined, 'Time'],
    ['else what the dataset calls it', { load: [], when: [] }, undefined, 'when'],
    ['never a model input', { date: [], when: [] }, undefined, 'when'],
  ])('is %s', (_name, data, asked, expected) => {
    expect(timeColumn(data, of(asked))).toBe(expected);
  });

  it('is missing where none is called like one; the error names what came', () => {
    expect(() => timeColumn({ load: [], x: [] }, of())).toThrow(
      expect.objectContaining({
        code: 'time_column_missing',
        status: 400,
        message: expect.stringMatching(/when\), got load, x$/u),
      }),
    );
    expect(() => timeColumn({ ts: [] }, of('at'))).toThrow(
      expect.objectContaining({ code: 'column_missing', message: expect.stringMatching(/"at".*got ts/u) }),
    );
  });
});

describe('timestamps', () => {
  it('are ISO 8601 or epochs, as text or as numbers', () => {
    const at = Date.UTC(2024, 0, 1);
    expect([
      ...parseTimestamps(['2024-01-01', '2024-01-01T01:00+01:00', at, at / 1000, String(at)], 'ts'),
    ]).toEqual([at, at, at, at, at]);
  });

  it('are read as the dataset’s were where they could be read in two ways, and refused with both readings', () => {
    expect([...parseTimestamps(['01/02/2024'], 'ts', 'DD/MM/YYYY')]).toEqual([Date.UTC(2024, 1, 1)]);
    expect(() => parseTimestamps(['01/02/2024'], 'ts')).toThrow(
      expect.objectContaining({
        code: 'timestamp_invalid',
        message: expect.stringMatching(
          /2024-02-01T.*DD\/MM\/YYYY or 2024-01-02T.*column "ts", row 0, got "01/u,
        ),
      }),
    );
  });

  it.each([['2024-13-45'], [null], [true], [7], [{}], ['']])('name the row of %j', (value) => {
    expect(() => parseTimestamps(['2024-01-01', value], 'ts')).toThrow(
      expect.objectContaining({
        code: 'timestamp_invalid',
        message: expect.stringContaining(`column "ts", row 1, got ${JSON.stringify(value)}`),
      }),
    );
  });
});
