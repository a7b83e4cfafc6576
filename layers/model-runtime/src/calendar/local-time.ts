export interface LocalTime {
  readonly minuteOfDay: Float64Array;
  /** Monday 0. */
  readonly dayOfWeek: Float64Array;
  /** 1 January 0. */
  readonly dayOfYear: Float64Array;
  /** Days since 1 January 1970; made when it is asked for. */
  readonly day: () => Float64Array;
  /** January 0; made when it is asked for. */
  readonly month: () => Float64Array;
}

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** What a wall clock of the IANA zone shows. */
export function localTime(ts: Float64Array, timeZone: string): LocalTime {
  const offsets = timeZone === 'UTC' ? undefined : createOffsets(timeZone);
  const local = offsets === undefined ? ts : ts.map((time) => time + offsets(time));
  return {
    minuteOfDay: local.map((time) => Math.floor((time - Math.floor(time / DAY_MS) * DAY_MS) / 60_000)),
    // 1 January 1970 was a Thursday.
    dayOfWeek: local.map((time) => (((Math.floor(time / DAY_MS) + 3) % 7) + 7) % 7),
    dayOfYear: local.map(
      onceADay((time, day) => day - Date.UTC(new Date(time).getUTCFullYear(), 0, 1) / DAY_MS),
    ),
    day: () => local.map((time) => Math.floor(time / DAY_MS)),
    month: () => local.map(onceADay((time) => new Date(time).getUTCMonth())),
  };
}

/** Asks once a day alone: times in order mostly fall on the day of the one before. `day`: days since 1970. */
function onceADay(ask: (time: number, day: number) => number): (time: number) => number {
  let [day, found] = [NaN, 0];
  return (time) => {
    const own = Math.floor(time / DAY_MS);
    if (own !== day) [day, found] = [own, ask(time, own)];
    return found;
  };
}

/** Offset of a zone from UTC in ms; looked up once a quarter hour, since zones change at none other. */
function createOffsets(timeZone: string): (time: number) => number {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  const known = new Map<number, number>();
  return (time) => {
    const quarter = Math.floor(time / (HOUR_MS / 4)) * (HOUR_MS / 4);
    const found = known.get(quarter);
    if (found !== undefined) return found;
    const parts = Object.fromEntries(
      format.formatToParts(quarter).map(({ type, value }) => [type, Number(value)]),
    );
    const wall = Date.UTC(
      parts['year'] ?? 0,
      (parts['month'] ?? 1) - 1,
      parts['day'],
      parts['hour'],
      parts['minute'],
      parts['second'],
    );
    known.set(quarter, wall - quarter);
    return wall - quarter;
  };
}
