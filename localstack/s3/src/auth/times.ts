/** Parses YYYYMMDDTHHMMSSZ to milliseconds since 1970; undefined where the text is something else. */
export function parseLongDate(text: string): number | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second] = match;
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(time) ? undefined : time;
}

/** How far the clocks of client and server may differ, in milliseconds. */
export const MAX_SKEW_MS = 15 * 60 * 1000;
