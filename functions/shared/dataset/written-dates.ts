import { momentOf, zoneOffsetMs } from './moment.ts';
import type { DateFormat } from './rules.ts';

/** [ hh:mm[:ss[.fff]]], T or spaces before it, and a zone behind it, with or without a space. */
const TIME = String.raw`(?:(?:[Tt]|,?\s+)(?<hour>\d{1,2}):(?<minute>\d{2})(?::(?<second>\d{2})(?:\.(?<fraction>\d{1,9}))?)?)?`;
const ZONE = String.raw`(?:\s?(?<zone>Z|z|UTC|UT|GMT|[+-]\d{2}(?::?\d{2})?))?`;
const written = (date: string): RegExp => new RegExp(`^${date}${TIME}${ZONE}$`, 'u');

const NAME = String.raw`(?<name>\p{L}{3,9})\.?`;
/** A weekday may stand before the date, as in RFC 2822. */
const WEEKDAY = String.raw`(?:(?<weekday>Mon|Tue|Wed|Thu|Fri|Sat|Sun),?\s+)?`;

/** Dates that can be read in one way alone. */
const UNAMBIGUOUS: readonly RegExp[] = [
  written(String.raw`(?<year>\d{4})/(?<month>\d{1,2})/(?<day>\d{1,2})`),
  written(String.raw`(?<day>\d{1,2})\.(?<month>\d{1,2})\.(?<year>\d{4})`),
  written(String.raw`${WEEKDAY}(?<day>\d{1,2})[ -]${NAME}[ -](?<year>\d{4})`),
  written(String.raw`${NAME} (?<day>\d{1,2}),? (?<year>\d{4})`),
];

const DIGITS =
  /^(?<year>\d{4})(?<month>\d{2})(?<day>\d{2})(?:(?<hour>\d{2})(?<minute>\d{2})(?<second>\d{2})?)?$/u;

/** Those that DATE_FORMAT decides on. */
const DECIDED: Readonly<Record<Exclude<DateFormat, '' | 'epoch'>, RegExp>> = {
  'DD/MM/YYYY': written(String.raw`(?<day>\d{1,2})/(?<month>\d{1,2})/(?<year>\d{4})`),
  'MM/DD/YYYY': written(String.raw`(?<month>\d{1,2})/(?<day>\d{1,2})/(?<year>\d{4})`),
  YYYYMMDDHHmm: DIGITS,
};

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const LONG_MONTHS = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
];
const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

/**
 * Epoch ms of a date as people write it: 2024/01/31, 31.01.2024, 31 Jan 2024, Jan 31, 2024, Wed, 31 Jan 2024 (RFC 2822), each with or
 * without hh:mm[:ss] and a zone; of 01/02/2024 as `format` says. undefined where it is none of these, or no such day.
 */
export function parseWrittenDate(text: string, format: DateFormat): number | undefined {
  if (format === 'DD/MM/YYYY' || format === 'MM/DD/YYYY') {
    const decided = read(DECIDED[format], text);
    if (decided !== undefined) return decided;
  }
  for (const pattern of UNAMBIGUOUS) {
    const found = read(pattern, text);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Epoch ms of YYYYMMDD or YYYYMMDDHHmmss; YYYYMMDDHHmm has as many digits as epoch ms, and is read as `format` says. */
export function parseDigits(text: string, format: DateFormat): number | undefined {
  if (text.length === 12 && format !== 'YYYYMMDDHHmm') return undefined;
  return read(DIGITS, text);
}

/** Whether digits are epoch ms as well as YYYYMMDDHHmm of a year from 1900 to 2099. */
export function isAmbiguousEpoch(text: string): boolean {
  return text.length === 12 && /^(?:19|20)/u.test(text) && read(DIGITS, text) !== undefined;
}

/** What a text may mean that DATE_FORMAT has to decide on, a reading each; none where it would not help. */
export function possibleReadings(text: string): string[] {
  const trimmed = text.trim();
  const readings = Object.entries(DECIDED).flatMap(([format, pattern]) => {
    const at = read(pattern, trimmed);
    const applies = format !== 'YYYYMMDDHHmm' || trimmed.length === 12;
    return at === undefined || !applies ? [] : [`${new Date(at).toISOString()} with DATE_FORMAT=${format}`];
  });
  if (isAmbiguousEpoch(trimmed))
    readings.push(`${new Date(Number(trimmed)).toISOString()} with DATE_FORMAT=epoch`);
  return readings;
}

function read(pattern: RegExp, text: string): number | undefined {
  const parts = pattern.exec(text)?.groups;
  if (parts === undefined) return undefined;
  const month = parts['name'] === undefined ? Number(parts['month']) : monthOf(parts['name']);
  const offset = zoneOffsetMs((parts['zone'] ?? 'Z').replace(/^(?:UTC|UT|GMT)$/u, 'Z'));
  const at = momentOf({ ...parts, month });
  if (at === undefined || offset === undefined) return undefined;
  const weekday = parts['weekday'];
  if (weekday !== undefined && WEEKDAYS[new Date(at).getUTCDay()] !== weekday) return undefined;
  return at - offset;
}

/** 0, which no month has, for another name. */
function monthOf(name: string): number {
  const lower = name.toLowerCase();
  return 1 + Math.max(MONTHS.indexOf(lower === 'sept' ? 'sep' : lower), LONG_MONTHS.indexOf(lower));
}
