import type { Frequency } from '@flts/model-runtime';
import { DAY_MS, describeMs, isoTime, stepsBetween, UNIT_MS } from '../../shared/dataset/spacing.ts';
import { DataError } from '../../shared/errors.ts';

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
export function frequencyOf(ts: Float64Array, settings: FrequencySettings, place: string): Frequency {
  const given = settings.FREQUENCY === '' ? undefined : parseFrequency(settings.FREQUENCY);
  if (ts.length < 3) {
    if (given !== undefined) return given;
    throw new DataError(
      'rows_insufficient',
      `expected at least 3 fit rows to infer the frequency of ${place} from, got ${ts.length}; FREQUENCY=… gives it`,
    );
  }
  const steps = ts.subarray(1).map((at, index) => at - (ts[index] ?? at));
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

function inferFrequency(ts: Float64Array, steps: Float64Array): Frequency | undefined {
  const candidates = [
    { stepMs: mostCommon(steps), businessDays: false },
    { stepMs: DAY_MS, businessDays: true },
  ];
  return candidates.find((candidate) => explains(candidate, ts, false));
}

/** Whether nine steps in ten are one step of `frequency`, or, where it is given, a whole number of them. */
function explains(frequency: Frequency, ts: Float64Array, multiples: boolean): boolean {
  let explained = 0;
  for (let row = 1; row < ts.length; row += 1) if (isStep(ts, row, frequency, multiples)) explained += 1;
  return explained >= EXPLAINED * (ts.length - 1);
}

function isStep(ts: Float64Array, row: number, frequency: Frequency, multiples: boolean): boolean {
  const steps = stepsBetween(ts[row - 1] ?? 0, ts[row] ?? 0, frequency);
  return steps !== undefined && (multiples ? steps >= 1 : steps === 1);
}

function mostCommon(steps: Float64Array): number {
  const counts = new Map<number, number>();
  for (const step of steps) counts.set(step, (counts.get(step) ?? 0) + 1);
  const [best] = [...counts].toSorted(([a, m], [b, n]) => n - m || a - b);
  return best?.[0] ?? DAY_MS;
}

function median(steps: Float64Array): number {
  return steps.toSorted()[Math.floor(steps.length / 2)] ?? DAY_MS;
}

function unknown(ts: Float64Array, frequency: Frequency, place: string): DataError {
  const odd = [...ts.keys()].slice(1).filter((row) => !isStep(ts, row, frequency, false));
  const named = odd
    .slice(0, 3)
    .map(
      (row) =>
        `${isoTime(ts[row])} (${describeMs((ts[row] ?? 0) - (ts[row - 1] ?? 0))} after the row before)`,
    );
  const share = Math.round((1 - odd.length / (ts.length - 1)) * 100);
  return new DataError(
    'frequency_unknown',
    `expected one spacing, or business days, to explain at least nine steps in ten of the fit rows of ${place}, got ` +
      `${describeMs(frequency.stepMs)} for ${share} %; first odd rows: ${named.join(', ')}; ` +
      `set FREQUENCY=… (like 1h, 15min, 1d, 1B), FREQUENCY=… with REGULARISE=resample, or REGULARISE=off`,
  );
}
