import { isSeasonal } from '../../statistics/autocorrelation.ts';
import { seasonalIndices, type SeasonKind } from '../../statistics/decomposition.ts';
import { fillForward, interpolate, requireRows } from '../../statistics/gaps.ts';
import type { Distribution, UnivariateModel } from '../../statistics/univariate.ts';
import { filter, linesOf, startState, type ThetaLine, type ThetaState } from './recursion.ts';
import { fitTheta, solve, sumsOf, type Variant } from './search.ts';

export interface ThetaParameters {
  /** Members, best first: their forecasts count alike. */
  readonly members: readonly {
    readonly variant: Variant;
    readonly line: ThetaLine;
    readonly variance: number;
  }[];
  /** Seasonal indices, the calendar's index 0 first; [] where the series shows no season. */
  readonly indices: readonly number[];
  readonly kind: SeasonKind;
}

export interface AutoThetaState {
  /** One a member. */
  readonly states: readonly ThetaState[];
  /** The last known value, seasonally adjusted: gaps take it. */
  readonly last: number;
  /** Place in the indices of the next row. */
  readonly phase: number;
}

export interface ThetaSettings {
  readonly variants: readonly Variant[];
  readonly combine: 'best' | 'average';
}

/** Measured on M3 at an earlier origin than the scored one: no pair, and no single one, forecast better. */
const DEFAULTS: ThetaSettings = { variants: ['STM', 'DOTM'], combine: 'average' };
/** Known rows. */
const MINIMUM_ROWS = 5;
/** Indices below make adjusted values explode: such seasons are taken as additive. */
const LEAST_INDEX = 0.01;

/**
 * The dynamic optimised theta method and its relatives (Fiorucci, Pellegrini, Louzada, Petropoulos and Koehler 2016), on
 * seasonally adjusted values. Gaps take the value before them, seasonally adjusted.
 */
export function createTheta({ variants, combine }: ThetaSettings = DEFAULTS): UnivariateModel<
  ThetaParameters,
  AutoThetaState
> {
  return {
    minimumRows: MINIMUM_ROWS,
    fit: (values, { season, index = 0, signal }) => {
      requireRows('AUTOTHETA', values, MINIMUM_ROWS);
      const pattern = patternOf(values, season, index);
      const phase = phaseOf(pattern.indices, index);
      const adjusted = fillForward(adjust(values, pattern, phase));
      const fitted = variants.map((variant) => {
        signal?.throwIfAborted();
        return fitTheta(adjusted, variant);
      });
      const sorted = fitted.toSorted((a, b) => a.squares - b.squares);
      const kept = combine === 'best' ? sorted.slice(0, 1) : sorted;
      const members = kept.map(({ variant, line, variance }) => ({ variant, line, variance }));
      const parameters = { members, ...pattern };
      const start = { states: kept.map(({ start: state }) => state), last: Number.NaN, phase };
      const { state, residuals } = run(parameters, start, values);
      const evaluations = fitted.reduce((sum, one) => sum + one.evaluations, 0);
      return { parameters, state, residuals, evaluations, converged: true };
    },
    update: (parameters, state, values) => run(parameters, state, values).state,
    restart: (parameters, values, { index = 0 } = {}) => {
      requireRows('AUTOTHETA', values, 1);
      const phase = phaseOf(parameters.indices, index);
      const adjusted = fillForward(adjust(values, parameters, phase));
      const states = parameters.members.map(({ line }) => {
        const lines = linesOf(adjusted, line.dynamic);
        const { level } = solve(sumsOf(adjusted, lines, line.alpha), line.weight);
        return startState(lines, Number.isFinite(level) ? level : (adjusted[0] ?? 0));
      });
      return run(parameters, { states, last: Number.NaN, phase }, values).state;
    },
    forecast,
  };
}

type Pattern = Pick<ThetaParameters, 'indices' | 'kind'>;

function patternOf(values: Float64Array, season: number, index: number): Pattern {
  const filled = interpolate(values);
  if (!isSeasonal(filled, season)) return { indices: [], kind: 'additive' };
  const turn = (indices: Float64Array): number[] =>
    Array.from(indices, (_, at) => indices[phaseOf(indices, at - index)] ?? 0);
  if (filled.every((value) => value > 0)) {
    const ratios = seasonalIndices(filled, season, 'multiplicative');
    if (ratios.every((ratio) => ratio > LEAST_INDEX))
      return { indices: turn(ratios), kind: 'multiplicative' };
  }
  return { indices: turn(seasonalIndices(filled, season, 'additive')), kind: 'additive' };
}

function phaseOf({ length }: { readonly length: number }, index: number): number {
  return length === 0 ? 0 : ((index % length) + length) % length;
}

function adjust(values: Float64Array, { indices, kind }: Pattern, phase: number): Float64Array {
  if (indices.length === 0) return values;
  return values.map((value, row) => {
    const index = indices[(phase + row) % indices.length] ?? 0;
    return kind === 'additive' ? value - index : value / index;
  });
}

function run(
  parameters: ThetaParameters,
  from: AutoThetaState,
  values: Float64Array,
): { readonly state: AutoThetaState; readonly residuals: Float64Array } {
  const { indices, kind, members } = parameters;
  const adjusted = fillForward(adjust(values, parameters, from.phase), from.last);
  const [residuals, fitted] = [new Float64Array(values.length), new Float64Array(values.length)];
  const states = members.map(({ line }, at) => {
    const start = from.states[at] ?? NOTHING;
    const state = filter(line, start, adjusted, fitted);
    for (let row = 0; row < adjusted.length; row += 1)
      residuals[row] = (residuals[row] ?? 0) + ((adjusted[row] ?? 0) - (fitted[row] ?? 0)) / members.length;
    return state;
  });
  for (const [row, residual] of residuals.entries()) {
    const ratio = kind === 'multiplicative' ? (indices[(from.phase + row) % indices.length] ?? 1) : 1;
    residuals[row] = Number.isNaN(values[row] ?? 0) ? Number.NaN : residual * ratio;
  }
  const phase = phaseOf(indices, from.phase + values.length);
  return { state: { states, last: adjusted.at(-1) ?? from.last, phase }, residuals };
}

const NOTHING: ThetaState = { rows: 0, level: 0, mean: 0, intercept: 0, slope: 0, decay: 1 };

function forecast(
  { members, indices, kind }: ThetaParameters,
  state: AutoThetaState,
  steps: number,
): Distribution {
  const [mean, variance] = [new Float64Array(steps), new Float64Array(steps)];
  const paths = members.map(({ line }, at) => pathOf(line, state.states[at] ?? NOTHING, steps));
  for (const path of paths)
    for (let step = 0; step < steps; step += 1)
      mean[step] = (mean[step] ?? 0) + (path[step] ?? 0) / members.length;
  for (const [at, member] of members.entries()) {
    const widths = varianceFactors(member.line, state.states[at] ?? NOTHING, steps);
    for (let step = 0; step < steps; step += 1) {
      const apart = (paths[at]?.[step] ?? 0) - (mean[step] ?? 0);
      const here = member.variance * (widths[step] ?? 0) + apart ** 2;
      variance[step] = (variance[step] ?? 0) + here / members.length;
    }
  }
  if (indices.length === 0) return { mean, variance };
  for (let step = 0; step < steps; step += 1) {
    const index = indices[(state.phase + step) % indices.length] ?? 0;
    mean[step] = kind === 'additive' ? (mean[step] ?? 0) + index : (mean[step] ?? 0) * index;
    if (kind === 'multiplicative') variance[step] = (variance[step] ?? 0) * index ** 2;
  }
  return { mean, variance };
}

function pathOf(line: ThetaLine, from: ThetaState, steps: number): Float64Array {
  const path = new Float64Array(steps);
  filter(line, from, new Float64Array(steps).fill(Number.NaN), path);
  return path;
}

/**
 * The model is linear in its values, so that an error of one in a step moves what follows by the path of a state that has
 * seen nothing but it. Sums of squares over the errors before each step: exact, steps² / 2 rows. A standing line: equation 15.
 */
function varianceFactors(line: ThetaLine, from: ThetaState, steps: number): Float64Array {
  if (!line.dynamic) return Float64Array.from({ length: steps }, (_, step) => 1 + step * line.alpha ** 2);
  const factors = new Float64Array(steps).fill(1);
  const shock = new Float64Array(steps).fill(Number.NaN);
  shock[0] = 1;
  const moved = new Float64Array(steps);
  let decay = from.decay;
  for (let shocked = 0; shocked + 1 < steps; shocked += 1) {
    const nothing = { rows: from.rows + shocked, level: 0, mean: 0, intercept: 0, slope: 0, decay };
    filter(line, nothing, shock.subarray(0, steps - shocked), moved);
    for (let step = shocked + 1; step < steps; step += 1)
      factors[step] = (factors[step] ?? 0) + (moved[step - shocked] ?? 0) ** 2;
    decay *= 1 - line.alpha;
  }
  return factors;
}
