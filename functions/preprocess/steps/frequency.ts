import { daysOfMonth, MONTH_MS, orderStatistics, type Frequency, type Months } from '@flts/model-runtime';
import {
  DAY_MS,
  describeMs,
  describeStep,
  isoTime,
  stepsBetween,
  UNIT_MS,
} from '../../shared/dataset/spacing.ts';
import { DataError } from '../../shared/errors.ts';
import { valuesOf, type Column } from '../columns/column.ts';
import { allValues } from '../columns/known-values.ts';

/** The share of steps that a frequency has to explain. */
const EXPLAINED = 0.9;

export interface FrequencySettings {
  /** Like 15min; empty: inferred. */
  readonly FREQUENCY: string;
  readonly REGULARISE: 'auto' | 'resample' | 'off';
}

/**
 * The frequency in force, from the fit rows alone (`ts` epoch ms, increasing). `off` takes the median step where no
 * spacing explains enough. @throws DataError frequency_unknown naming odd rows and the ways out, rows_insufficient
 */
export function frequencyOf(ts: Column, settings: FrequencySettings, place: string): Frequency {
  const given = settings.FREQUENCY === '' ? undefined : parseFrequency(settings.FREQUENCY);
  if (ts.length < 3) {
    if (given !== undefined) return given;
    throw new DataError(
      'rows_insufficient',
      `expected at least 3 fit rows to infer the frequency of ${place} from, got ${ts.length}; FREQUENCY=… gives it`,
    );
  }
  const steps = stepsOf(ts);
  const candidate =
    given === undefined
      ? inferFrequency(ts, steps)
      : (onDaysOf(ts, given).find((each) => explains(each, ts, true)) ?? given);
  const off = settings.REGULARISE === 'off';
  if (candidate !== undefined && (off || explains(candidate, ts, given !== undefined))) return candidate;
  if (off) return { stepMs: median(steps), businessDays: false };
  throw unknown(ts, candidate ?? { stepMs: mostCommon(steps), businessDays: false }, place);
}

/** Names of FREQUENCY for months: how many they are, and the day that rows lie on; pandas' names, old and new. */
const MONTHS: Readonly<Record<string, Months>> = {
  MS: { count: 1, day: 1 },
  M: { count: 1, day: 31 },
  ME: { count: 1, day: 31 },
  QS: { count: 3, day: 1 },
  Q: { count: 3, day: 31 },
  QE: { count: 3, day: 31 },
  YS: { count: 12, day: 1 },
  AS: { count: 12, day: 1 },
  Y: { count: 12, day: 31 },
  A: { count: 12, day: 31 },
  YE: { count: 12, day: 31 },
};
/** Others of pandas' names. */
const UNITS: Readonly<Record<string, string>> = { S: 's', T: 'min', H: 'h', D: 'd', W: 'w' };

/**
 * `text` like 15min, 1h, D, 2w, W-SUN, B (business days), MS, QE-NOV; settings let nothing else through. The weekday, and the month
 * that a quarter or a year ends in, are those of the rows.
 */
export function parseFrequency(text: string): Frequency {
  const [, count = '', unit = ''] = /^(\d*)([A-Za-z]+)/u.exec(text) ?? [];
  const times = Number(count || '1');
  if (unit === 'B') return { stepMs: DAY_MS, businessDays: true };
  const months = MONTHS[unit];
  if (months !== undefined) return monthly({ ...months, count: times * months.count });
  return { stepMs: times * (UNIT_MS[UNITS[unit] ?? unit] ?? DAY_MS), businessDays: false };
}

function monthly(months: Months): Frequency {
  return { stepMs: Math.round(months.count * MONTH_MS), businessDays: false, months };
}

/** Time from each row to the next. */
function stepsOf(ts: Column): Column {
  return {
    length: ts.length - 1,
    read: (start, end) => {
      const times = ts.read(start, end + 1);
      const steps = new Float64Array(end - start);
      for (let row = 0; row < steps.length; row += 1)
        steps[row] = (times[row + 1] ?? NaN) - (times[row] ?? NaN);
      return steps;
    },
  };
}

function inferFrequency(ts: Column, steps: Column): Frequency | undefined {
  const usual = mostCommon(steps);
  const months = Math.round(usual / MONTH_MS);
  const candidates = [
    { stepMs: usual, businessDays: false },
    { stepMs: DAY_MS, businessDays: true },
    ...(usual < SHORTEST_MONTH_MS ? [] : onDaysOf(ts, monthly({ count: months, day: 1 }))),
  ];
  return candidates.find((candidate) => explains(candidate, ts, false));
}

const SHORTEST_MONTH_MS = 28 * DAY_MS;

/** A frequency of months on the days that rows may lie on; any other as it is. */
function onDaysOf(ts: Column, frequency: Frequency): Frequency[] {
  const { months } = frequency;
  if (months === undefined) return [frequency];
  return daysOfMonth(times(ts)).map((day) => ({ ...frequency, months: { ...months, day } }));
}

/** Whether nine steps in ten are one step of `frequency`, or, where it is given, a whole number of them. */
function explains(frequency: Frequency, ts: Column, multiples: boolean): boolean {
  let explained = 0;
  let before = NaN;
  const by = { frequency, multiples };
  for (const values of valuesOf(ts)) {
    for (let row = 0; row < values.length; row += 1) {
      const at = values[row] ?? NaN;
      if (!Number.isNaN(before) && isStep(before, at, by)) explained += 1;
      before = at;
    }
  }
  return explained >= EXPLAINED * (ts.length - 1);
}

function isStep(
  before: number,
  at: number,
  { frequency, multiples }: { frequency: Frequency; multiples: boolean },
): boolean {
  const steps = stepsBetween(before, at, frequency);
  return steps !== undefined && (multiples ? steps >= 1 : steps === 1);
}

function* times(ts: Column): Generator<number> {
  for (const values of valuesOf(ts)) yield* values;
}

/** Each time but the first, and the one before it. */
function* neighbours(ts: Column): Generator<{ readonly before: number; readonly at: number }> {
  let before: number | undefined;
  for (const values of valuesOf(ts)) {
    for (const at of values) {
      if (before !== undefined) yield { before, at };
      before = at;
    }
  }
}

/** Different steps that are counted at most: rows of one spacing have few. */
const MOST_DIFFERENT = 1 << 16;

/**
 * The smaller of several. Of more than 65,536 different ones the middle one stands for it: a step that explains nine in ten is
 * both, and where none does, an error names it.
 */
function mostCommon(steps: Column): number {
  const counts = new Map<number, number>();
  for (const values of valuesOf(steps)) {
    for (const step of values) counts.set(step, (counts.get(step) ?? 0) + 1);
    if (counts.size > MOST_DIFFERENT) return median(steps);
  }
  const [best] = [...counts].toSorted(([a, m], [b, n]) => n - m || a - b);
  return best?.[0] ?? DAY_MS;
}

function median(steps: Column): number {
  return orderStatistics(allValues(steps), [Math.floor(steps.length / 2)])[0] ?? DAY_MS;
}

/** Rows that an error names. */
const NAMED = 3;

function unknown(ts: Column, frequency: Frequency, place: string): DataError {
  const named: string[] = [];
  let odd = 0;
  for (const { before, at } of neighbours(ts)) {
    if (isStep(before, at, { frequency, multiples: false })) continue;
    odd += 1;
    if (odd <= NAMED) named.push(`${isoTime(at)} (${describeMs(at - before)} after the row before)`);
  }
  const share = Math.round((1 - odd / (ts.length - 1)) * 100);
  return new DataError(
    'frequency_unknown',
    `expected one spacing, or business days, to explain at least nine steps in ten of the fit rows of ${place}, got ` +
      `${describeStep(frequency)} for ${share} %; first odd rows: ${named.join(', ')}; ` +
      `set FREQUENCY=… (like 1h, 15min, 1d, 1B, MS), FREQUENCY=… with REGULARISE=resample, or REGULARISE=off`,
  );
}
