import type Holidays from 'date-holidays';
import { FltsError } from '../../shared/errors.ts';

/** What the dates come from; in config_hash, since a later version may know other dates. */
export const HOLIDAY_DATA = 'date-holidays 3.37.0';

/** Years after the last row whose holidays are told: what is forecast lies there. */
const YEARS_AHEAD = 10;
const DAY_MS = 86_400_000;

/** The dates (YYYY-MM-DD, on the country's own calendar) that are public holidays from one time to years after another. */
export type HolidayDates = (first: number, last: number) => string[];

/**
 * `place`: a country (ISO 3166-1: ES), or one of its states or regions after it (ES-CT, DE-BY-A); empty: none. The library is
 * loaded where it is needed alone: it takes a tenth of a second.
 * @throws FltsError setting_invalid where there is no such country, state or region
 */
export async function loadHolidays(place: string): Promise<HolidayDates | undefined> {
  if (place === '') return undefined;
  const { default: Calendar } = await import('date-holidays');
  const [country = '', state, region] = place.split('-');
  const calendar = new Calendar();
  requireKnown(place, calendar.getCountries(), country);
  if (state !== undefined) requireKnown(place, calendar.getStates(country), state);
  if (state !== undefined && region !== undefined)
    requireKnown(place, calendar.getRegions(country, state), region);
  calendar.init(country, state ?? '', region ?? '');
  return (first, last) => datesOf(calendar, yearOf(first) - 1, yearOf(last) + YEARS_AHEAD);
}

function requireKnown(
  place: string,
  known: Readonly<Record<string, string>> | undefined,
  part: string,
): void {
  const parts = Object.keys(known ?? {});
  if (parts.includes(part)) return;
  throw new FltsError(
    'setting_invalid',
    `HOLIDAYS_COUNTRY: expected one of ${parts.join(', ') || 'no states or regions'}, got ${part} in ${JSON.stringify(place)}`,
    { status: 400 },
  );
}

function datesOf(calendar: Holidays, from: number, to: number): string[] {
  const dates = new Set<string>();
  for (let year = from; year <= to; year += 1)
    for (const { type, date, start, end } of calendar.getHolidays(year) ?? []) {
      if (type !== 'public') continue;
      // Its times are those of a zone, some of them of this machine's; the date it names is not.
      const first = Date.parse(`${date.slice(0, 10)}T00:00:00Z`);
      const days = Math.max(1, Math.round((end.getTime() - start.getTime()) / DAY_MS));
      for (let day = 0; day < days; day += 1)
        dates.add(new Date(first + day * DAY_MS).toISOString().slice(0, 10));
    }
  return [...dates].toSorted();
}

function yearOf(time: number): number {
  return new Date(time).getUTCFullYear();
}
