import { describe, expect, it } from 'vitest';
import type { DateFormat } from './rules.ts';
import { expectedTime, parseTimestamp } from './timestamps.ts';

const read = (text: string, format?: DateFormat): string | undefined => {
  const at = parseTimestamp(text, format);
  return at === undefined ? undefined : new Date(at).toISOString();
};

describe('a date as people write it', () => {
  it.each([
    ['2024/01/31', '2024-01-31T00:00:00.000Z'],
    ['2024/1/31 7:05', '2024-01-31T07:05:00.000Z'],
    ['2024/01/31 12:30:59.25', '2024-01-31T12:30:59.250Z'],
    ['2024/01/31 12:30 +02:00', '2024-01-31T10:30:00.000Z'],
    ['31.01.2024', '2024-01-31T00:00:00.000Z'],
    ['1.2.2024 12:30', '2024-02-01T12:30:00.000Z'],
    ['31.01.2024 12:30:59', '2024-01-31T12:30:59.000Z'],
    ['31.01.2024, 12:30', '2024-01-31T12:30:00.000Z'],
    ['31.01.2024 12:30-0330', '2024-01-31T16:00:00.000Z'],
    ['20240131', '2024-01-31T00:00:00.000Z'],
    ['20240131123059', '2024-01-31T12:30:59.000Z'],
    ['31 Jan 2024', '2024-01-31T00:00:00.000Z'],
    ['31-JAN-2024 12:30', '2024-01-31T12:30:00.000Z'],
    ['1 September 2024', '2024-09-01T00:00:00.000Z'],
    ['Jan 31, 2024', '2024-01-31T00:00:00.000Z'],
    ['Sept. 1 2024 06:00 UTC', '2024-09-01T06:00:00.000Z'],
    ['Wed, 31 Jan 2024 12:30:59 +0100', '2024-01-31T11:30:59.000Z'],
    ['Wed, 31 Jan 2024 12:30:59 GMT', '2024-01-31T12:30:59.000Z'],
    ['29 Feb 2024', '2024-02-29T00:00:00.000Z'],
    ['  31.01.2024 ', '2024-01-31T00:00:00.000Z'],
  ])('%s is read', (text, iso) => {
    expect(read(text)).toBe(iso);
  });

  it.each([
    '2024/02/30',
    '2024/13/01',
    '32.01.2024',
    '31.13.2024',
    '29.02.2023',
    '31.01.24',
    '31.01.2024 24:00',
    '31.01.2024 12:60',
    '31.01.2024 12:30:60',
    '31.01.2024 12:30 +19:00',
    '31.01.2024 12:30 CET',
    '20240230',
    '20241301',
    '20240131240000',
    '31 Foo 2024',
    '31 Janu 2024',
    '31 Jan 24',
    'Thu, 31 Jan 2024',
    'Wen, 31 Jan 2024',
    '1/31/2024 1:05 PM',
    '31/01-2024',
    '2024.01.31',
  ])('%s is refused, whatever DATE_FORMAT is', (text) => {
    for (const format of [undefined, 'DD/MM/YYYY', 'MM/DD/YYYY', 'YYYYMMDDHHmm'] as const)
      expect([format, read(text, format)]).toEqual([format, undefined]);
  });

  it('with slashes is read as DATE_FORMAT says, and refused without it, even where one reading alone is a day', () => {
    expect(read('01/02/2024 12:30', 'DD/MM/YYYY')).toBe('2024-02-01T12:30:00.000Z');
    expect(read('01/02/2024 12:30', 'MM/DD/YYYY')).toBe('2024-01-02T12:30:00.000Z');
    expect(read('31/01/2024', 'MM/DD/YYYY')).toBeUndefined();
    expect([read('01/02/2024'), read('31/01/2024')]).toEqual([undefined, undefined]);
  });

  it('of twelve digits is read as DATE_FORMAT says; without it, as epoch ms where it is no date', () => {
    expect(read('202401311230', 'YYYYMMDDHHmm')).toBe('2024-01-31T12:30:00.000Z');
    expect(read('202401311230', 'epoch')).toBe(new Date(202401311230).toISOString());
    expect(read('202401311230')).toBeUndefined();
    expect(read('981173106000')).toBe('2001-02-03T04:05:06.000Z');
    expect(read('981173106000', 'YYYYMMDDHHmm')).toBeUndefined();
  });

  it('is read as without DATE_FORMAT where it can be read in one way alone', () => {
    for (const text of ['2024-01-31', '981173106', '981173106000000', '31.01.2024', '20240131'])
      for (const format of ['DD/MM/YYYY', 'MM/DD/YYYY', 'epoch'] as const)
        expect([text, read(text, format)]).toEqual([text, read(text)]);
  });
});

describe('what was expected', () => {
  it('names both readings, and the setting that decides', () => {
    expect(expectedTime('01/02/2024')).toContain(
      '2024-02-01T00:00:00.000Z with DATE_FORMAT=DD/MM/YYYY or 2024-01-02T00:00:00.000Z with DATE_FORMAT=MM/DD/YYYY',
    );
    expect(expectedTime('202401311230')).toContain(
      '2024-01-31T12:30:00.000Z with DATE_FORMAT=YYYYMMDDHHmm or 1976-05-31T14:35:11.230Z with DATE_FORMAT=epoch',
    );
  });

  it('names the one reading that there is, and none where there is none', () => {
    expect(expectedTime('31/01/2024')).toMatch(
      /may be 2024-01-31T00:00:00\.000Z with DATE_FORMAT=DD\/MM\/YYYY,$/u,
    );
    expect(expectedTime('yesterday')).toBe('a time like 2001-01-31T12:00:00Z or an epoch in s or ms');
  });
});
