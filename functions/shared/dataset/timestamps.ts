const ISO =
  /^(\d{4})-(\d{2})-(\d{2})(?:[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?)?(?:\s?(Z|z|[+-]\d{2}(?::?\d{2})?))?$/u;
const EPOCH = /^-?(\d{9,10}|\d{12,13})(?:\.\d+)?$/u;

/**
 * Epoch ms of an ISO 8601 date or time (`YYYY-MM-DD[ HH:MM[:SS[.fff]]]`, T or a space between, with or without a
 * zone; without one it is UTC), or of an epoch in seconds (9 or 10 digits) or milliseconds (12 or 13); fewer digits
 * would be years or counts. Fractions below a millisecond are cut. undefined where the text is none of these.
 */
export function parseTimestamp(text: string): number | undefined {
  const trimmed = text.trim();
  return parseIso(trimmed) ?? parseEpoch(trimmed);
}

export function parseIso(text: string): number | undefined {
  const parts = ISO.exec(text);
  if (parts === null) return undefined;
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', zone = 'Z'] = parts;
  const fields = [year, month, day, hour, minute, second].map(Number);
  const [y = 0, m = 0, d = 0, h = 0, min = 0, s = 0] = fields;
  if (h > 23 || min > 59 || s > 59) return undefined;
  const midnight = new Date(0).setUTCFullYear(y, m - 1, d);
  // A day that the month does not have rolls over into the next.
  const date = new Date(midnight);
  if (date.getUTCMonth() !== m - 1 || date.getUTCDate() !== d) return undefined;
  const offset = zoneOffsetMs(zone);
  if (offset === undefined) return undefined;
  return midnight + ((h * 60 + min) * 60 + s) * 1000 + Number(fraction.slice(0, 3).padEnd(3, '0')) - offset;
}

function zoneOffsetMs(zone: string): number | undefined {
  if (zone === 'Z' || zone === 'z') return 0;
  const digits = zone.slice(1).replace(':', '');
  const hours = Number(digits.slice(0, 2));
  const minutes = Number(digits.slice(2) || '0');
  if (hours > 18 || minutes > 59) return undefined;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}

function parseEpoch(text: string): number | undefined {
  const digits = EPOCH.exec(text)?.[1];
  if (digits === undefined) return undefined;
  return Math.floor(digits.length <= 10 ? Number(text) * 1000 : Number(text));
}
