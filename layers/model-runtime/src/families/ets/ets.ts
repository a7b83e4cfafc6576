import { RuntimeError } from '../../errors.ts';
import { countKnown, interpolate, requireRows } from '../../statistics/gaps.ts';
import { meanMagnitude } from '../../statistics/scale.ts';
import type { Distribution, FitOptions, UnivariateModel } from '../../statistics/univariate.ts';
import { createWorkspace } from './criterion.ts';
import { fitForm, fitStates, hasFreedom, type FittedForm } from './fit-form.ts';
import { forecastForm } from './forecast-form.ts';
import { isMultiplicative, permittedForms, type Form, type FormState, type Smoothing } from './form.ts';
import { initialState } from './initial.ts';
import { createPass, filter, fromMutable, toMutable } from './recursion.ts';

export interface WeightedForm {
  readonly form: Form;
  readonly smoothing: Smoothing;
  /** Of the errors: original units squared, without unit where errors are multiplicative. */
  readonly variance: number;
  /** AICc less the best form's. */
  readonly excess: number;
}

export interface EtsParameters {
  /** Rows; 1: none. */
  readonly season: number;
  /** Best first; those without weight are left out, but the best additive one stays. */
  readonly forms: readonly WeightedForm[];
  /** Of the best form: Hyndman et al. 2008, section 7.2, without the likelihood's constant. */
  readonly aicc: number;
  /** Mean absolute value of the fit. */
  readonly scale: number;
  /** Seasonal states at the end of the fit, a list a form, the calendar's index 0 first: for contexts too short to show theirs. */
  readonly patterns: readonly (readonly number[])[];
}

export interface EtsState {
  /** One a form of the parameters. */
  readonly states: readonly FormState[];
  /** False once a value at or below 0 was seen: additive forms alone forecast from then on. */
  readonly positive: boolean;
}

export interface EtsSettings {
  /** 'average': all forms by their AICc; 'best': the one with the lowest. */
  readonly combine: 'average' | 'best';
}

/**
 * Excess of AICc that takes a form's weight down by a factor of e. Theory has 2 (Burnham and Anderson 2002); more forecasts
 * better: measured on M3 at an earlier origin than the scored one.
 */
const SOFTNESS = 20;
/** Forms lighter than this beside the best are not kept. */
const LIGHTEST = 1e-4;
/** Known rows. */
const MINIMUM_ROWS = 6;

/**
 * Exponential smoothing in all permitted forms (Hyndman, Koehler, Ord and Snyder 2008), weighted by AICc. Missing values stay
 * missing: the state goes on as expected.
 */
export function createEts(
  { combine }: EtsSettings = { combine: 'average' },
): UnivariateModel<EtsParameters, EtsState> {
  return {
    minimumRows: MINIMUM_ROWS,
    fit: (values, options) => {
      requireRows('AUTOETS', values, MINIMUM_ROWS);
      const scale = meanMagnitude(values);
      const fitted = fitForms(values, scale, options);
      const evaluations = fitted.reduce((sum, form) => sum + form.evaluations, 0);
      const kept = keep(fitted, combine);
      const season = kept.some(({ form }) => form.season !== 'N') ? options.season : 1;
      const aicc = (kept[0]?.criterion ?? 0) + 2 * countKnown(values) * Math.log(scale);
      const states = kept.map(({ form, state }) => rescale(form, state, scale));
      const draft = { season, forms: kept.map((form) => weigh(form, kept[0], scale)), aicc, scale };
      const { state, residuals } = run(draft, { states, positive: true }, values);
      const end = (options.index ?? 0) + values.length;
      const patterns = state.states.map((form) => rotate(form.season, -end));
      const parameters = { ...draft, patterns };
      return { parameters, state, residuals, evaluations, converged: kept[0]?.converged ?? false };
    },
    update: (parameters, state, values) => run(parameters, state, values).state,
    restart: (parameters, values, { index = 0 } = {}) => restart(parameters, values, index),
    forecast,
  };
}

function fitForms(values: Float64Array, scale: number, { season, signal }: FitOptions): FittedForm[] {
  const scaled = values.map((value) => value / scale);
  const filled = interpolate(scaled);
  const workspace = createWorkspace(scaled);
  const positive = scaled.every((value) => !(value <= 0));
  const seasonal = season > 1 && values.length >= 2 * season;
  const fitted: FittedForm[] = [];
  for (const form of permittedForms(seasonal, positive)) {
    signal?.throwIfAborted();
    const period = form.season === 'N' ? 1 : season;
    if (!hasFreedom(form, period, workspace.known)) continue;
    fitted.push(fitForm({ form, values: scaled, filled, period, workspace }));
  }
  return fitted
    .filter(({ criterion }) => Number.isFinite(criterion))
    .toSorted((a, b) => a.criterion - b.criterion);
}

/** Best first. */
function keep(fitted: readonly FittedForm[], combine: EtsSettings['combine']): FittedForm[] {
  const best = fitted[0];
  if (best === undefined)
    throw new RuntimeError('fit_failed', 'AUTOETS: expected a form with a finite AICc, got none');
  const lightest = combine === 'best' ? 0 : -SOFTNESS * Math.log(LIGHTEST);
  const additive = fitted.find(({ form }) => !isMultiplicative(form));
  return fitted.filter(
    (form) => form === best || form === additive || form.criterion - best.criterion < lightest,
  );
}

function weigh(fitted: FittedForm, best: FittedForm | undefined, scale: number): WeightedForm {
  const { form, smoothing, variance, criterion } = fitted;
  const excess = criterion - (best?.criterion ?? criterion);
  return { form, smoothing, variance: form.error === 'A' ? variance * scale ** 2 : variance, excess };
}

function rescale(form: Form, { level, trend, season }: FormState, scale: number): FormState {
  const ofSeason = form.season === 'A' ? scale : 1;
  return { level: level * scale, trend: trend * scale, season: season.map((state) => state * ofSeason) };
}

/** Turns a pattern so that its first value is the one `rows` later. */
function rotate(pattern: readonly number[], rows: number): number[] {
  const { length } = pattern;
  return pattern.map((_, at) => pattern[(((at + rows) % length) + length) % length] ?? 0);
}

/** Of each form; 0 for those that cannot be used. */
function weightsOf(
  forms: readonly WeightedForm[],
  usable: (form: WeightedForm, at: number) => boolean,
): number[] {
  const least = Math.min(...forms.filter(usable).map(({ excess }) => excess));
  const weights = forms.map((form, at) =>
    usable(form, at) ? Math.exp((least - form.excess) / SOFTNESS) : 0,
  );
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

type Draft = Omit<EtsParameters, 'patterns'>;

/** The states after these rows, and the weighted one-step residuals on them. */
function run(
  { forms }: Draft,
  from: EtsState,
  values: Float64Array,
): { readonly state: EtsState; readonly residuals: Float64Array } {
  const residuals = new Float64Array(values.length);
  const positive = from.positive && values.every((value) => !(value <= 0));
  const weights = weightsOf(forms, ({ form }) => positive || !isMultiplicative(form));
  const pass = createPass(values.length);
  const states = forms.map(({ form, smoothing }, at) => {
    const state = toMutable(from.states[at] ?? { level: 0, trend: 0, season: [] });
    filter(values, state, { form, smoothing }, pass);
    const weight = weights[at] ?? 0;
    if (weight > 0)
      for (let row = 0; row < values.length; row += 1)
        residuals[row] = (residuals[row] ?? 0) + weight * ((values[row] ?? 0) - (pass.fitted[row] ?? 0));
    return fromMutable(state, form);
  });
  return { state: { states, positive }, residuals };
}

function restart(parameters: EtsParameters, values: Float64Array, index: number): EtsState {
  requireRows('AUTOETS', values, 1);
  const { scale, season } = parameters;
  const scaled = values.map((value) => value / scale);
  const [filled, workspace] = [interpolate(scaled), createWorkspace(scaled)];
  const positive = values.every((value) => !(value <= 0));
  const states = parameters.forms.map(({ form, smoothing }, at) => {
    const pattern = rotate(parameters.patterns[at] ?? [], index);
    // A multiplicative form is not used where it does not fit: any state that is finite will do.
    if (isMultiplicative(form) && !positive) return { level: scale, trend: 0, season: pattern };
    const of = { form, values: scaled, filled, period: season, workspace, smoothing };
    return rescale(form, contextStates(of, pattern, scale), scale);
  });
  return run(parameters, { states, positive }, values).state;
}

type ContextOf = Omit<Parameters<typeof fitStates>[0], 'start'>;

/** From rows of at least two seasons all states; from fewer the level and the trend, over the pattern of the fit. */
function contextStates(of: ContextOf, pattern: readonly number[], scale: number): FormState {
  const { form, filled, period } = of;
  if (form.season === 'N' || filled.length >= 2 * period)
    return fitStates({ ...of, start: initialState(filled, form, period) });
  const season = pattern.map((state) => (form.season === 'A' ? state / scale : state));
  const without = { ...form, season: 'N' } as const;
  const adjust = (values: Float64Array): Float64Array =>
    values.map((value, row) => {
      const state = season[row % season.length] ?? 0;
      return form.season === 'A' ? value - state : value / state;
    });
  const adjusted = adjust(filled);
  const start = initialState(adjusted, without, 1);
  return { ...fitStates({ ...of, form: without, values: adjust(of.values), start }), season };
}

function forecast({ forms }: EtsParameters, state: EtsState, steps: number): Distribution {
  const each = forms.map(({ form, smoothing, variance }, at) =>
    forecastForm(
      { form, smoothing, variance, state: state.states[at] ?? { level: 0, trend: 0, season: [] } },
      steps,
    ),
  );
  const finite = each.map(
    ({ mean, variance }) => mean.every(Number.isFinite) && variance.every(Number.isFinite),
  );
  const weights = weightsOf(
    forms,
    ({ form }, at) => (finite[at] ?? false) && (state.positive || !isMultiplicative(form)),
  );
  const [mean, variance] = [new Float64Array(steps), new Float64Array(steps)];
  for (let step = 0; step < steps; step += 1) {
    let [first, second] = [0, 0];
    for (const [at, weight] of weights.entries())
      if (weight > 0) first += weight * (each[at]?.mean[step] ?? 0);
    // Around the mean of all: a mixture is as wide as its parts and what lies between them.
    for (const [at, weight] of weights.entries())
      if (weight > 0)
        second += weight * ((each[at]?.variance[step] ?? 0) + ((each[at]?.mean[step] ?? 0) - first) ** 2);
    mean[step] = first;
    variance[step] = second;
  }
  return { mean, variance };
}
