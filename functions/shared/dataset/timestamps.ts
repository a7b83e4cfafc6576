import { momentOf, zoneOffsetMs } from './moment.ts';
import type { DateFormat } from './rules.ts';
import { isAmbiguousEpoch, parseDigits, parseWrittenDate, possibleReadings } from './written-dates.ts';

const ISO =
  /^(\d{4})-(\d{2})-(\d{2})(?:[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?)?(?:\s?(Z|z|[+-]\d{2}(?::?\d{2})?))?$/u;
const EPOCH = /^-?(\d{9,10}|\d{12,13})(?:\.\d+)?$/u;

/**
 * Epoch ms of an ISO 8601 date or time (`YYYY-MM-DD[ HH:MM[:SS[.fff]]]`, T or a space between, with or without a
 * zone; without one it is UTC), of an epoch in seconds (9 or 10 digits) or milliseconds (12 or 13; fewer digits
 * would be years or counts), or of a date as parseWrittenDate and parseDigits read it. Fractions below a millisecond are cut.
 * undefined where the text is none of these, or could be two that `format` does not decide on.
 */
export function parseTimestamp(text: string, format: DateFormat = ''): number | undefined {
  const trimmed = text.trim();
  return (
    parseIso(trimmed) ??
    parseEpoch(trimmed, format) ??
    parseWrittenDate(trimmed, format) ??
    parseDigits(trimmed, format)
  );
}

export function parseIso(text: string): number | undefined {
  const parts = ISO.exec(text);
  if (parts === null) return undefined;
  const [, year, month, day, hour, minute, second, fraction, zone = 'Z'] = parts;
  const at = momentOf({ year, month, day, hour, minute, second, fraction });
  const offset = zoneOffsetMs(zone);
  return at === undefined || offset === undefined ? undefined : at - offset;
}

export function parseEpoch(text: string, format: DateFormat = ''): number | undefined {
  const digits = EPOCH.exec(text)?.[1];
  if (digits === undefined) return undefined;
  if (digits.length === 12 && format !== 'epoch' && (format === 'YYYYMMDDHHmm' || isAmbiguousEpoch(text)))
    return undefined;
  return Math.floor(digits.length <= 10 ? Number(text) * 1000 : Number(text));
}

/** What an error says was expected in place of `text`: where it could be read in two ways, both. */
export function expectedTime(text: string): string {
  const readings = possibleReadings(text);
  const usual = 'a time like 2001-01-31T12:00:00Z or an epoch in s or ms';
  if (readings.length === 0) return usual;
  return `${usual}, or DATE_FORMAT for one that may be ${readings.join(' or ')},`;
}
