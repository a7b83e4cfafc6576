import { describe, expect, it } from 'vitest';
import { daysOfMonth, intervalEnd, monthsAfter, monthsBetween, periodStart } from './months.ts';

const at = (text: string): number => Date.parse(`${text}Z`);
const day = (time: number): string => new Date(time).toISOString().slice(0, 10);

describe('steps of months', () => {
  it('are counted from their month, so that ends of months stay ends', () => {
    const ends = { count: 1, day: 31 };
    expect([1, 2, 3, 13].map((steps) => day(monthsAfter(at('2024-01-31T00:00'), ends, steps)))).toEqual([
      '2024-02-29',
      '2024-03-31',
      '2024-04-30',
      '2025-02-28',
    ]);
    expect(monthsBetween(at('2024-02-29T00:00'), at('2024-03-31T00:00'), ends)).toBe(1);
    expect(monthsBetween(at('2024-02-28T00:00'), at('2024-03-31T00:00'), ends)).toBeUndefined();
  });

  it.each([
    ['1949-01-01', '1949-02-01', { count: 1, day: 1 }, 1],
    ['2024-01-15', '2025-03-15', { count: 1, day: 15 }, 14],
    ['2024-01-01', '2024-10-01', { count: 3, day: 1 }, 3],
    ['1899-12-31', '1969-12-31', { count: 12, day: 31 }, 70],
  ])('from %s to %s by %j are %s', (from, to, months, steps) => {
    expect(monthsBetween(at(`${from}T00:00`), at(`${to}T00:00`), months)).toBe(steps);
    expect(day(monthsAfter(at(`${from}T00:00`), months, steps))).toBe(to);
  });

  it('are none between months that lie apart otherwise', () => {
    expect(
      monthsBetween(at('2024-01-01T00:00'), at('2024-11-01T00:00'), { count: 3, day: 1 }),
    ).toBeUndefined();
  });

  it('keep the time of day, and lie on one alone', () => {
    const months = { count: 1, day: 1 };
    expect(new Date(monthsAfter(at('2024-01-01T06:30'), months, 1)).toISOString()).toBe(
      '2024-02-01T06:30:00.000Z',
    );
    expect(monthsBetween(at('2024-01-01T06:30'), at('2024-02-01T00:00'), months)).toBeUndefined();
  });

  it('tell of a period, whose first day is the same for its start and its end', () => {
    expect(day(periodStart(at('2024-03-31T00:00'), { count: 3, day: 31 }))).toBe('2024-01-01');
    expect(day(periodStart(at('2024-01-01T00:00'), { count: 3, day: 1 }))).toBe('2024-01-01');
    expect(day(periodStart(at('2024-02-29T00:00'), { count: 1, day: 31 }))).toBe('2024-02-01');
  });

  it('end intervals with the first instant of a month', () => {
    expect(day(intervalEnd(at('2024-01-01T00:00'), 1))).toBe('2024-01-01');
    expect(day(intervalEnd(at('2024-01-01T00:01'), 1))).toBe('2024-02-01');
    expect(day(intervalEnd(at('2024-02-10T00:00'), 3))).toBe('2024-04-01');
  });

  it('lie on the day that most rows have, or the latest', () => {
    const ends = ['2024-01-31', '2024-02-29', '2024-03-31', '2024-04-30'].map((text) => at(`${text}T00:00`));
    expect(daysOfMonth(ends)).toEqual([31]);
    expect(daysOfMonth(['2024-04-30', '2024-06-30'].map((text) => at(`${text}T00:00`)))).toEqual([30, 31]);
  });
});
