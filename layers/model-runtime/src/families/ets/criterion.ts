import { isAdmissible } from './admissible.ts';
import type { Form, FormState, Smoothing } from './form.ts';
import { differentiateAdditive, differentiateMultiplicative, type Adjoints } from './gradient.ts';
import { createPass, filter, type MutableState, type Pass } from './recursion.ts';

/** Bounds of smoothing parameters (Hyndman et al. 2008, section 2.7) and of damping. */
const [LOWEST, HIGHEST] = [1e-4, 0.9999];
const [LEAST_DAMPED, MOST] = [0.8, 0.98];
/** Residuals below this part of the values are rounding: a perfect fit has no logarithm. */
const RESOLUTION = 1e-9;

/** How far one unit of a search's variable moves a state, so that curvatures are about alike. */
export interface Units {
  readonly level: number;
  readonly trend: number;
  readonly season: number;
}

/** What the passes of all forms over one series share. */
export interface Workspace {
  readonly pass: Pass;
  readonly ofForecast: Float64Array;
  readonly known: number;
}

export function createWorkspace(values: Float64Array): Workspace {
  let known = 0;
  for (const value of values) if (value === value) known += 1;
  return { pass: createPass(values.length), ofForecast: new Float64Array(values.length), known };
}

export interface Model {
  readonly smoothing: Smoothing;
  readonly state: FormState;
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

export interface CriterionOf {
  readonly form: Form;
  /** Values of about one; NaN where missing. */
  readonly values: Float64Array;
  readonly start: FormState;
  readonly units: Units;
  readonly workspace: Workspace;
  /** Holds these and looks for initial states alone. */
  readonly smoothing?: Smoothing;
}

/** -2 log likelihood without its constant (Hyndman et al. 2008, equation 5.3), and its gradient, of one form on one series. */
export class Criterion {
  readonly size: number;
  /** Where the search begins: the start's states, smoothing as given to `startAt`. */
  readonly #of: CriterionOf;
  readonly #period: number;
  readonly #smoothings: number;
  readonly #adjoints: Adjoints;
  readonly #state: MutableState;

  constructor(of: CriterionOf) {
    const { form, start, smoothing } = of;
    this.#of = of;
    this.#period = start.season.length;
    const ofTrend = form.trend === 'N' ? 0 : form.trend === 'A' ? 1 : 2;
    this.#smoothings = smoothing === undefined ? 1 + ofTrend + (form.season === 'N' ? 0 : 1) : 0;
    this.size = this.#smoothings + 1 + Math.min(1, ofTrend) + Math.max(0, this.#period - 1);
    const ring = new Float64Array(Math.max(1, this.#period));
    this.#adjoints = { alpha: 0, beta: 0, gamma: 0, phi: 0, level: 0, trend: 0, ring };
    this.#state = { level: 0, trend: 0, ring: new Float64Array(ring.length), next: 0 };
  }

  readonly evaluate = (x: Float64Array, gradient: Float64Array): number => {
    const { form, values, workspace, smoothing: held } = this.#of;
    const smoothing = this.#smoothing(x);
    if (held === undefined && !isAdmissible(form, smoothing, this.#period)) return Number.POSITIVE_INFINITY;
    this.#setState(x);
    filter(values, this.#state, { form, smoothing }, workspace.pass);
    const value =
      form.error === 'A' ? additiveError(values, workspace) : multiplicativeError(values, workspace);
    if (!Number.isFinite(value)) return Number.POSITIVE_INFINITY;
    const differentiate = form.season === 'M' ? differentiateMultiplicative : differentiateAdditive;
    differentiate(workspace.pass, workspace.ofForecast, smoothing, this.#adjoints);
    this.#writeGradient(x, smoothing, gradient);
    return value;
  };

  decode(x: Float64Array): Model {
    this.#setState(x);
    const { level, trend, ring } = this.#state;
    return {
      smoothing: this.#smoothing(x),
      state: { level, trend, season: this.#period === 0 ? [] : [...ring] },
    };
  }

  #smoothing(x: Float64Array): Smoothing {
    const { form, smoothing } = this.#of;
    if (smoothing !== undefined) return smoothing;
    const alpha = LOWEST + (HIGHEST - LOWEST) * sigmoid(x[0] ?? 0);
    let at = 1;
    const beta = form.trend === 'N' ? 0 : LOWEST + (alpha - LOWEST) * sigmoid(x[at++] ?? 0);
    const gamma = form.season === 'N' ? 0 : LOWEST + (1 - alpha - LOWEST) * sigmoid(x[at++] ?? 0);
    const phi = form.trend === 'Ad' ? LEAST_DAMPED + (MOST - LEAST_DAMPED) * sigmoid(x[at] ?? 0) : 1;
    return { alpha, beta, gamma, phi };
  }

  #setState(x: Float64Array): void {
    const { form, start, units } = this.#of;
    const state = this.#state;
    let at = this.#smoothings;
    state.level = start.level + units.level * (x[at++] ?? 0);
    state.trend = form.trend === 'N' ? 0 : start.trend + units.trend * (x[at++] ?? 0);
    state.next = 0;
    const { ring } = state;
    // The last seasonal state follows from the others: indices keep their sum.
    let moved = 0;
    for (let phase = 0; phase < this.#period - 1; phase += 1) {
      const move = units.season * (x[at++] ?? 0);
      ring[phase] = (start.season[phase] ?? 0) + move;
      moved += move;
    }
    ring[ring.length - 1] = this.#period === 0 ? 0 : (start.season[this.#period - 1] ?? 0) - moved;
  }

  #writeGradient(x: Float64Array, { alpha, beta, gamma, phi }: Smoothing, gradient: Float64Array): void {
    const { form, units } = this.#of;
    const by = this.#adjoints;
    let at = 0;
    if (this.#smoothings > 0) {
      at = 1;
      let byAlpha = by.alpha;
      if (form.trend !== 'N') {
        const part = sigmoid(x[at] ?? 0);
        byAlpha += by.beta * part;
        gradient[at++] = by.beta * (beta - LOWEST) * (1 - part);
      }
      if (form.season !== 'N') {
        const part = sigmoid(x[at] ?? 0);
        byAlpha -= by.gamma * part;
        gradient[at++] = by.gamma * (gamma - LOWEST) * (1 - part);
      }
      if (form.trend === 'Ad')
        gradient[at++] = (by.phi * (phi - LEAST_DAMPED) * (MOST - phi)) / (MOST - LEAST_DAMPED);
      gradient[0] = (byAlpha * (alpha - LOWEST) * (HIGHEST - alpha)) / (HIGHEST - LOWEST);
    }
    gradient[at++] = by.level * units.level;
    if (form.trend !== 'N') gradient[at++] = by.trend * units.trend;
    const last = by.ring[by.ring.length - 1] ?? 0;
    for (let phase = 0; phase < this.#period - 1; phase += 1)
      gradient[at++] = ((by.ring[phase] ?? 0) - last) * units.season;
  }
}

/** n log of the sum of squares; writes what it changes by with each forecast. */
function additiveError(values: Float64Array, { pass, ofForecast, known }: Workspace): number {
  const { residual } = pass;
  let squares = known * RESOLUTION ** 2;
  for (let row = 0; row < residual.length; row += 1) squares += (residual[row] ?? 0) ** 2;
  const factor = (-2 * known) / squares;
  for (let row = 0; row < residual.length; row += 1) {
    const value = values[row] ?? 0;
    ofForecast[row] = value === value ? factor * (residual[row] ?? 0) : Number.NaN;
  }
  return known * Math.log(squares);
}

/** n log of the sum of relative squares, and twice the logarithms of the forecasts, which have to stay above 0. */
function multiplicativeError(values: Float64Array, { pass, ofForecast, known }: Workspace): number {
  const { residual, fitted } = pass;
  let squares = known * RESOLUTION ** 2;
  let product = 1;
  let logarithms = 0;
  for (let row = 0; row < residual.length; row += 1) {
    const forecast = fitted[row] ?? 0;
    if (!(forecast > 0)) return Number.POSITIVE_INFINITY;
    const value = values[row] ?? 0;
    if (value !== value) continue;
    squares += ((residual[row] ?? 0) / forecast) ** 2;
    // One logarithm for many factors.
    product *= forecast;
    if (product < 1e-100 || product > 1e100) {
      logarithms += Math.log(product);
      product = 1;
    }
  }
  const factor = (-2 * known) / squares;
  for (let row = 0; row < residual.length; row += 1) {
    const value = values[row] ?? 0;
    const inverse = 1 / (fitted[row] ?? 0);
    const relative = (residual[row] ?? 0) * inverse;
    ofForecast[row] = value === value ? inverse * (factor * relative * value * inverse + 2) : Number.NaN;
  }
  return known * Math.log(squares) + 2 * (logarithms + Math.log(product));
}
