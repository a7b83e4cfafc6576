import { existsSync, readFileSync } from 'node:fs';
import { createEts } from '../layers/model-runtime/src/families/ets/ets.ts';
import { createArima } from '../layers/model-runtime/src/families/arima/arima.ts';
import { createCes } from '../layers/model-runtime/src/families/ces/ces.ts';
import { createMfles } from '../layers/model-runtime/src/families/mfles/mfles.ts';
import { createMstl } from '../layers/model-runtime/src/families/mstl/mstl.ts';
import { createTheta } from '../layers/model-runtime/src/families/theta/theta.ts';
import type { Distribution, UnivariateModel } from '../layers/model-runtime/src/statistics/univariate.ts';
import { printRatio } from './support/interleave.ts';

/**
 * `npm run bench:families -- <m3.jsonl>`: accuracy and processor time of the statistical families on monthly, quarterly and
 * yearly series, one JSON object a line: {freq, h, x, xx}. `BENCH_ORIGIN=earlier` scores the last h values of x, which is where
 * settings are chosen; `BENCH_FAMILIES=AUTOETS,AUTOTHETA` runs those alone.
 */
interface Series {
  readonly freq: 'monthly' | 'quarterly' | 'yearly';
  readonly h: number;
  readonly x: readonly number[];
  readonly xx: readonly number[];
}

const SEASONS = { monthly: 12, quarterly: 4, yearly: 1 } as const;

/**
 * statsforecast 2.1.1 on the same 1,414 series (two cores, points alone; ours reckon variances too): sMAPE, MASE and processor ms a series; monthly,
 * quarterly, yearly.
 */
const PEER = {
  AUTOETS: { monthly: [13.788, 0.847, 63], quarterly: [9.689, 1.159, 23], yearly: [16.093, 2.769, 1.6] },
  AUTOTHETA: { monthly: [13.331, 0.83, 2.9], quarterly: [9.356, 1.142, 1.5], yearly: [15.511, 2.641, 0.5] },
  AUTOCES: { monthly: [14.928, 0.855, 3.3], quarterly: [9.612, 1.15, 1.4], yearly: [17.797, 3.378, 0.18] },
  AUTOARIMA: { monthly: [15.099, 0.871, 700], quarterly: [10.048, 1.224, 215], yearly: [16.202, 2.944, 100] },
  MEDIAN: { monthly: [13.258, 0.809, 769], quarterly: [9.19, 1.101, 241], yearly: [15.538, 2.767, 102] },
} as const;

/** Whose median statsforecast's experiments call StatisticalEnsemble. */
const MEMBERS: readonly string[] = ['AUTOETS', 'AUTOTHETA', 'AUTOCES', 'AUTOARIMA'];

type Run = (values: Float64Array, season: number, steps: number) => Distribution;

/** A family from the values to points and variances. */
function runOf<P, S>(model: UnivariateModel<P, S>): Run {
  return (values, season, steps) => {
    const { parameters, state } = model.fit(values, { season });
    return model.forecast(parameters, state, steps);
  };
}

const FAMILIES: Readonly<Record<string, Run>> = {
  AUTOETS: runOf(createEts()),
  AUTOTHETA: runOf(createTheta()),
  AUTOCES: runOf(createCes()),
  AUTOARIMA: runOf(createArima()),
  MSTL: runOf(createMstl(createEts())),
  MFLES: runOf(createMfles()),
};

interface Score {
  readonly smape: number;
  readonly mase: number;
}

/** sMAPE from 0 to 200; MASE in units of the mean seasonal difference of the values before. */
function score(
  forecast: Float64Array,
  actual: readonly number[],
  before: Float64Array,
  season: number,
): Score {
  let [difference, percentage, error] = [0, 0, 0];
  for (let row = season; row < before.length; row += 1)
    difference += Math.abs((before[row] ?? 0) - (before[row - season] ?? 0));
  for (const [step, value] of actual.entries()) {
    const point = forecast[step] ?? 0;
    error += Math.abs(value - point);
    percentage += (200 * Math.abs(value - point)) / (Math.abs(value) + Math.abs(point) || 1);
  }
  const unit = difference / (before.length - season);
  return { smape: percentage / actual.length, mase: error / actual.length / unit };
}

function median(points: readonly Float64Array[]): Float64Array {
  return Float64Array.from(points[0] ?? [], (_, step) => {
    const sorted = points.map((point) => point[step] ?? 0).toSorted((a, b) => a - b);
    const middle = (sorted.length - 1) / 2;
    return ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle)] ?? 0)) / 2;
  });
}

interface Outcome {
  scores: Score[];
  cpuMs: number;
  inside80: number;
  inside95: number;
  steps: number;
}

interface Task {
  readonly values: Float64Array;
  readonly actual: readonly number[];
  readonly season: number;
}

function taskOf({ freq, h, x, xx }: Series): Task {
  const earlier = process.env['BENCH_ORIGIN'] === 'earlier';
  const values = Float64Array.from(earlier ? x.slice(0, -h) : x);
  return { values, actual: earlier ? x.slice(-h) : xx, season: SEASONS[freq] };
}

/** Forecasts of all tasks, and the least processor time of two rounds: the first may still compile. */
function forecastAll(
  tasks: readonly Task[],
  run: Run,
): { readonly ahead: Distribution[]; readonly cpuMs: number } {
  let cpuMs = Number.POSITIVE_INFINITY;
  let ahead: Distribution[] = [];
  for (let round = 0; round < 2; round += 1) {
    const began = process.cpuUsage();
    ahead = tasks.map(({ values, season, actual }) => run(values, season, actual.length));
    const { user, system } = process.cpuUsage(began);
    cpuMs = Math.min(cpuMs, (user + system) / 1000);
  }
  return { ahead, cpuMs };
}

function outcomeOf(tasks: readonly Task[], points: readonly Float64Array[], cpuMs: number): Outcome {
  const scores = tasks.map(({ values, actual, season }, at) =>
    score(points[at] ?? new Float64Array(0), actual, values, season),
  );
  return { scores, cpuMs, inside80: 0, inside95: 0, steps: 0 };
}

function countInside(outcome: Outcome, { actual }: Task, { mean, variance }: Distribution): void {
  for (const [step, value] of actual.entries()) {
    const distance = Math.abs(value - (mean[step] ?? 0)) / Math.sqrt(variance[step] ?? 0);
    outcome.steps += 1;
    if (distance <= 1.2816) outcome.inside80 += 1;
    if (distance <= 1.96) outcome.inside95 += 1;
  }
}

/** What each family reaches on one frequency, by name; MEDIAN is that of the members that were run. */
function measure(series: readonly Series[], names: readonly string[]): Map<string, Outcome> {
  const tasks = series.map(taskOf);
  const outcomes = new Map<string, Outcome>();
  const forecasts: Distribution[][] = [];
  let memberMs = 0;
  for (const name of names) {
    const { ahead, cpuMs } = forecastAll(tasks, FAMILIES[name] ?? fail(name));
    const outcome = outcomeOf(
      tasks,
      ahead.map(({ mean }) => mean),
      cpuMs,
    );
    for (const [at, task] of tasks.entries()) {
      const distribution = ahead[at];
      if (distribution !== undefined) countInside(outcome, task, distribution);
    }
    outcomes.set(name, outcome);
    if (!MEMBERS.includes(name)) continue;
    forecasts.push(ahead);
    memberMs += cpuMs;
  }
  if (forecasts.length > 1) {
    const points = tasks.map((_, at) => median(forecasts.flatMap((ahead) => ahead[at]?.mean ?? [])));
    outcomes.set('MEDIAN', outcomeOf(tasks, points, memberMs));
  }
  return outcomes;
}

function fail(name: string): never {
  throw new Error(`BENCH_FAMILIES: expected one of ${Object.keys(FAMILIES).join(', ')}, got ${name}`);
}

function report(freq: Series['freq'], name: string, outcome: Outcome): void {
  const count = outcome.scores.length;
  const mean = (of: (score: Score) => number): number =>
    outcome.scores.reduce((sum, one) => sum + of(one), 0) / count;
  const peer = Object.entries(PEER).find(([family]) => family === name)?.[1][freq];
  const figures: readonly [string, number, string][] = [
    ['sMAPE', mean(({ smape }) => smape), '0 to 200'],
    ['MASE', mean(({ mase }) => mase), 'seasonal naive = 1 in the fit'],
    ['processor time a series, warm', outcome.cpuMs / count, 'ms'],
  ];
  for (const [at, [figure, ours, unit]] of figures.entries()) {
    const what = { name: `${name}, ${count} ${freq} series: ${figure}`, unit };
    const theirs = peer?.[at];
    if (theirs === undefined) console.log(JSON.stringify({ ...what, ours: Number(ours.toPrecision(4)) }));
    else printRatio({ ...what, against: 'statsforecast 2.1.1, recorded', ours, theirs });
  }
  if (outcome.steps === 0) return;
  const part = (inside: number): number => Number(((100 * inside) / outcome.steps).toPrecision(3));
  const coverage = { 80: part(outcome.inside80), 95: part(outcome.inside95) };
  console.log(
    JSON.stringify({
      name: `${name}, ${freq}: coverage of the family's variance`,
      ours: coverage,
      unit: '%',
    }),
  );
}

function bench(path: string): void {
  if (!existsSync(path)) {
    console.error(
      `expected the M3 series as JSON lines, got no file ${path}: npm run bench:families -- m3.jsonl`,
    );
    process.exitCode = 1;
    return;
  }
  const lines = readFileSync(path, 'utf8').trim().split('\n');
  const series = lines.map((line): Series => JSON.parse(line));
  const names = process.env['BENCH_FAMILIES']?.split(',') ?? Object.keys(FAMILIES);
  measure(series.slice(0, 200), names);
  for (const freq of ['monthly', 'quarterly', 'yearly'] as const) {
    const outcomes = measure(
      series.filter((one) => one.freq === freq),
      names,
    );
    for (const [name, outcome] of outcomes) report(freq, name, outcome);
  }
}

bench(process.argv[2] ?? '');
