import { minimise } from '../../statistics/minimise.ts';
import { Criterion, type Model, type Units, type Workspace } from './criterion.ts';
import { countParameters, type Form, type FormState, type Smoothing } from './form.ts';
import { initialState } from './initial.ts';
import { filter, toMutable } from './recursion.ts';

/** Passes for one form at most, and the decrease of -2 log likelihood that ends its search. */
const SEARCH = { evaluations: 120, tolerance: 1e-3 };
/** Where the search begins, as parts of the way between bounds: a low one of the trend keeps it from chasing noise. */
const START = { alpha: 0.5, beta: 0.0005, gamma: 0.01, phi: 0.9 };

export interface FittedForm extends Model {
  readonly form: Form;
  /** Of n log(sum of squares) and so on: comparable between forms on the same values alone. */
  readonly criterion: number;
  /** Mean square of the errors, relative ones where they are multiplicative, with the parameters' degrees of freedom taken off. */
  readonly variance: number;
  readonly evaluations: number;
  readonly converged: boolean;
}

export interface FitFormOf {
  readonly form: Form;
  /** Values of about one, NaN where missing. */
  readonly values: Float64Array;
  /** The same without gaps. */
  readonly filled: Float64Array;
  readonly period: number;
  readonly workspace: Workspace;
}

/** Maximum likelihood of one form, all parameters and initial states free (Hyndman et al. 2008, section 5.2). */
export function fitForm({ form, values, filled, period, workspace }: FitFormOf): FittedForm {
  const start = initialState(filled, form, period);
  const first = startSmoothing(form);
  const units = unitsOf({ form, values, start, workspace, smoothing: first });
  const criterion = new Criterion({ form, values, start, units, workspace });
  const minimum = minimise(criterion.evaluate, startVector(criterion.size, form), SEARCH);
  const count = countParameters(form, period);
  const { known } = workspace;
  const freedom = known - count - 1;
  const correction = freedom > 0 ? 2 * count + (2 * count * (count + 1)) / freedom : Number.POSITIVE_INFINITY;
  const model = criterion.decode(minimum.x);
  return {
    form,
    ...model,
    criterion: minimum.value + correction,
    variance: meanSquare({ form, values, workspace, ...model }) * (known / Math.max(1, known - count)),
    evaluations: minimum.evaluations + 2,
    converged: minimum.converged,
  };
}

/** Initial states by least squares at given smoothing parameters, from values of about one. */
export function fitStates(
  of: FitFormOf & { readonly smoothing: Smoothing; readonly start: FormState },
): FormState {
  const units = unitsOf(of);
  const criterion = new Criterion({ ...of, units });
  const { x } = minimise(criterion.evaluate, new Float64Array(criterion.size), SEARCH);
  return criterion.decode(x).state;
}

/** What has one number fewer rows than its parameters has no criterion: the search need not begin. */
export function hasFreedom(form: Form, period: number, known: number): boolean {
  return known - countParameters(form, period) - 1 > 0;
}

function startVector(size: number, form: Form): Float64Array {
  const parts = [START.alpha];
  if (form.trend !== 'N') parts.push(START.beta);
  if (form.season !== 'N') parts.push(START.gamma);
  if (form.trend === 'Ad') parts.push(START.phi);
  const x = new Float64Array(size);
  x.set(parts.map((part) => Math.log(part / (1 - part))));
  return x;
}

function startSmoothing(form: Form): Smoothing {
  const { alpha } = START;
  return {
    alpha,
    beta: form.trend === 'N' ? 0 : START.beta * alpha,
    gamma: form.season === 'N' ? 0 : START.gamma * (1 - alpha),
    phi: form.trend === 'Ad' ? 0.8 + 0.18 * START.phi : 1,
  };
}

interface PassOf extends Pick<FitFormOf, 'form' | 'values' | 'workspace'> {
  readonly smoothing: Smoothing;
}

function meanSquare({
  form,
  values,
  workspace,
  smoothing,
  state,
}: PassOf & { readonly state: FormState }): number {
  const { pass, known } = workspace;
  filter(values, toMutable(state), { form, smoothing }, pass);
  let squares = 0;
  for (let row = 0; row < values.length; row += 1) {
    const residual = pass.residual[row] ?? 0;
    squares += (form.error === 'A' ? residual : residual / (pass.fitted[row] ?? 0)) ** 2;
  }
  return squares / known;
}

/**
 * How far a state moves before the criterion feels it: a deviation of the residuals, over the root of the rows that it acts on.
 * The first level acts until it is smoothed away, the first trend until the level has taken it over, or on all rows, the more the
 * later; a seasonal state once a season.
 */
function unitsOf({
  form,
  values,
  start,
  workspace,
  smoothing,
}: PassOf & { readonly start: FormState }): Units {
  const additive = { ...form, error: 'A' } as const;
  const square = meanSquare({ form: additive, values, workspace, smoothing, state: start });
  const deviation = Number.isFinite(square) && square > 1e-16 ? Math.sqrt(square) : 1e-8;
  const { length } = values;
  const level = form.season === 'M' ? Math.max(Math.abs(start.level), 1e-3) : 1;
  return {
    level: deviation * Math.sqrt(Math.min(1, Math.max(2 * smoothing.alpha, 1 / length))),
    trend: (deviation * Math.max(smoothing.alpha, 1.7 / length)) / Math.sqrt(length),
    season: deviation / level / Math.sqrt(Math.max(1, length / Math.max(1, start.season.length))),
  };
}
