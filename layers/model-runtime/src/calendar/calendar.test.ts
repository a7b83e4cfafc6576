import { describe, expect, it } from 'vitest';
import { CALENDAR_FEATURES, calendarColumns, nextTimestamps } from './calendar.ts';

const times = (...isos: readonly string[]): Float64Array => Float64Array.from(isos, Date.parse);
const isos = (ts: Float64Array): string[] => Array.from(ts, (time) => new Date(time).toISOString());

describe('calendar features', () => {
  it('are sine and cosine of the share of the day, the week, the year, the hours and the months', () => {
    // Wednesday, day 121 of the year, counted from 0.
    const columns = calendarColumns(times('2024-05-01T18:00:59Z'), {
      timeZone: 'UTC',
      features: CALENDAR_FEATURES,
    });
    const turn = 2 * Math.PI;
    const expected: Record<string, number> = {
      minute_of_day_sin: -1,
      minute_of_day_cos: 0,
      day_of_week_sin: Math.sin((turn * 2) / 7),
      day_of_week_cos: Math.cos((turn * 2) / 7),
      day_of_year_sin: Math.sin((turn * 121) / 365.25),
      day_of_year_cos: Math.cos((turn * 121) / 365.25),
      hour_sin: -1,
      hour_cos: 0,
      month_sin: Math.sin((turn * 4) / 12),
      month_cos: Math.cos((turn * 4) / 12),
    };
    expect(Object.keys(columns)).toEqual(Object.keys(expected));
    for (const [name, value] of Object.entries(expected))
      expect([name, Math.abs((columns[name]?.[0] ?? Number.NaN) - value) < 1e-15]).toEqual([name, true]);
  });

  it('follow the wall clock of their zone through the end of summer time', () => {
    const hours = times('2024-10-26T22:00:00Z', '2024-10-27T22:00:00Z', '2024-10-27T23:00:00Z');
    const { minute_of_day_cos: cosine } = calendarColumns(hours, {
      timeZone: 'Europe/Berlin',
      features: ['minute_of_day_cos'],
    });
    // Midnight, 23:00 after a day of 25 hours, midnight.
    expect(Array.from(cosine ?? [], (value) => Math.round(value * 1e6))).toEqual([1e6, 965_926, 1e6]);
  });

  it('count hours and months on the wall clock, minutes cut off', () => {
    const at = times('2023-12-31T22:59:59Z', '2023-12-31T23:00:00Z', '2024-02-29T23:59:00Z');
    const { hour_cos: hour, month_sin: month } = calendarColumns(at, {
      timeZone: 'Europe/Berlin',
      features: ['hour_cos', 'month_sin'],
    });
    const rounded = (values: Float64Array | undefined) =>
      Array.from(values ?? [], (value) => Math.round(value * 1e6) + 0);

    // 23, 0 and 0 o'clock; December, January and March.
    expect(rounded(hour)).toEqual([965_926, 1e6, 1e6]);
    expect(rounded(month)).toEqual([-500_000, 0, 866_025]);
  });

  it('name the days that are holidays on the wall clock', () => {
    const at = times(
      '2024-04-30T21:59:00Z',
      '2024-04-30T22:00:00Z',
      '2024-05-01T21:59:00Z',
      '2024-05-01T22:00:00Z',
    );
    const calendar = { timeZone: 'Europe/Madrid', features: ['holiday'], holidays: ['2024-05-01'] };

    expect(calendarColumns(at, calendar)).toEqual({ holiday: Float64Array.of(0, 1, 1, 0) });
    expect(() => calendarColumns(at, { timeZone: 'UTC', features: ['holiday'] })).toThrow(
      'holiday with dates',
    );
  });

  it('are those asked for, in that order', () => {
    const features = ['day_of_week_cos', 'minute_of_day_sin'];
    expect(
      Object.keys(calendarColumns(times('2024-05-01T00:00:00Z'), { timeZone: 'UTC', features })),
    ).toEqual(features);
    expect(calendarColumns(times('2024-05-01T00:00:00Z'), { timeZone: 'UTC', features: [] })).toEqual({});
  });

  it('refuse a name that is none of theirs, rather than make a column of zeros', () => {
    const ask = (): unknown =>
      calendarColumns(times('2024-05-01T00:00:00Z'), { timeZone: 'UTC', features: ['moon_phase_sin'] });
    expect(ask).toThrow(
      expect.objectContaining({
        code: 'setting_invalid',
        message: expect.stringContaining('moon_phase_sin'),
      }),
    );
  });
});

describe('the timestamps after the last', () => {
  const last = Date.parse('2024-05-02T12:00:00Z');

  it('are one step apart', () => {
    expect(isos(nextTimestamps(last, { stepMs: 900_000, businessDays: false }, 2))).toEqual([
      '2024-05-02T12:15:00.000Z',
      '2024-05-02T12:30:00.000Z',
    ]);
    expect(nextTimestamps(last, { stepMs: 900_000, businessDays: false }, 0)).toEqual(new Float64Array());
  });

  it('step over weekends on business days', () => {
    expect(isos(nextTimestamps(last, { stepMs: 86_400_000, businessDays: true }, 3))).toEqual([
      '2024-05-03T12:00:00.000Z',
      '2024-05-06T12:00:00.000Z',
      '2024-05-07T12:00:00.000Z',
    ]);
  });
});
