import { orderStatistics, type Frequency } from '@flts/model-runtime';
import { DAY_MS, describeMs, isoTime, stepsBetween, UNIT_MS } from '../../shared/dataset/spacing.ts';
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
  const candidate = given ?? inferFrequency(ts, steps);
  const off = settings.REGULARISE === 'off';
  if (candidate !== undefined && (off || explains(candidate, ts, given !== undefined))) return candidate;
  if (off) return { stepMs: median(steps), businessDays: false };
  throw unknown(ts, candidate ?? { stepMs: mostCommon(steps), businessDays: false }, place);
}

/** `text` like 15min, 1h, 1d, 2w, 1B (business days); settings.ts lets nothing else through. */
export function parseFrequency(text: string): Frequency {
  const [, count = '', unit = ''] = /^(\d*)(\w+)$/u.exec(text) ?? [];
  if (unit === 'B') return { stepMs: DAY_MS, businessDays: true };
  return { stepMs: Number(count || '1') * (UNIT_MS[unit] ?? DAY_MS), businessDays: false };
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
  const candidates = [
    { stepMs: mostCommon(steps), businessDays: false },
    { stepMs: DAY_MS, businessDays: true },
  ];
  return candidates.find((candidate) => explains(candidate, ts, false));
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
      `${describeMs(frequency.stepMs)} for ${share} %; first odd rows: ${named.join(', ')}; ` +
      `set FREQUENCY=… (like 1h, 15min, 1d, 1B), FREQUENCY=… with REGULARISE=resample, or REGULARISE=off`,
  );
}
