import { describe, expect, it } from 'vitest';
import { localTime } from './local-time.ts';

/** [minute of day, day of week, day of year] that a wall clock shows at each ISO time. */
function clock(timeZone: string, ...times: readonly string[]): number[][] {
  const { minuteOfDay, dayOfWeek, dayOfYear } = localTime(Float64Array.from(times, Date.parse), timeZone);
  return times.map((_, row) => [minuteOfDay[row] ?? -1, dayOfWeek[row] ?? -1, dayOfYear[row] ?? -1]);
}

const at = (hour: number, minute = 0): number => hour * 60 + minute;

describe('a wall clock', () => {
  it('counts minutes from midnight, days from Monday and from 1 January', () => {
    expect(clock('UTC', '2024-01-01T00:00:00Z', '2024-12-31T23:59:59.999Z', '2023-12-31T12:30:00Z')).toEqual([
      [at(0), 0, 0],
      [at(23, 59), 1, 365],
      [at(12, 30), 6, 364],
    ]);
  });

  it('goes on before 1970', () => {
    expect(clock('UTC', '1969-12-31T23:59:00Z', '1900-03-01T06:00:00Z')).toEqual([
      [at(23, 59), 2, 364],
      [at(6), 3, 59],
    ]);
  });

  it('skips the hour that summer time takes, and shows twice the one that it gives back', () => {
    expect(clock('Europe/Berlin', '2024-03-31T00:59:00Z', '2024-03-31T01:00:00Z')).toEqual([
      [at(1, 59), 6, 90],
      [at(3), 6, 90],
    ]);
    expect(
      clock('America/New_York', '2024-11-03T05:30:00Z', '2024-11-03T06:30:00Z', '2024-11-03T07:30:00Z'),
    ).toEqual([
      [at(1, 30), 6, 307],
      [at(1, 30), 6, 307],
      [at(2, 30), 6, 307],
    ]);
  });

  it.each([
    ['Asia/Kolkata', '2024-06-01T00:00:00Z', at(5, 30)],
    ['Asia/Kathmandu', '2024-06-01T00:00:00Z', at(5, 45)],
    ['Australia/Lord_Howe', '2024-04-06T14:59:00Z', at(1, 59)],
    // Half an hour of summer time ends here.
    ['Australia/Lord_Howe', '2024-04-06T15:00:00Z', at(1, 30)],
  ])('in %s at %s is off by parts of an hour', (timeZone, time, minute) => {
    expect(clock(timeZone, time)[0]?.[0]).toBe(minute);
  });

  it('changes at half past, where its zone does', () => {
    expect(clock('Australia/Lord_Howe', '2024-10-05T15:00:00Z', '2024-10-05T15:30:00Z')).toEqual([
      [at(1, 30), 6, 279],
      [at(2, 30), 6, 279],
    ]);
  });

  it('is in another day and year than UTC where its zone is', () => {
    expect(clock('Pacific/Kiritimati', '2023-12-31T12:00:00Z')).toEqual([[at(2), 0, 0]]);
    expect(clock('America/Los_Angeles', '2024-01-01T07:59:00Z')).toEqual([[at(23, 59), 6, 364]]);
  });
});
