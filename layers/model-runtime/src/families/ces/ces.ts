import { countKnown, interpolate, requireRows } from '../../statistics/gaps.ts';
import { RuntimeError } from '../../errors.ts';
import { meanMagnitude } from '../../statistics/scale.ts';
import type { Distribution, FitOptions, UnivariateModel } from '../../statistics/univariate.ts';
import {
  createRings,
  filter,
  setRings,
  stateOf,
  type CesForm,
  type CesSmoothing,
  type CesState,
} from './recursion.ts';
import { backcastState, countParameters, fitCes, type FittedCes } from './search.ts';

export interface CesParameters {
  readonly form: CesForm;
  /** Rows; 1 where the form has no season. */
  readonly season: number;
  readonly smoothing: CesSmoothing;
  readonly variance: number;
  /** Mean absolute value of the fit. */
  readonly scale: number;
}

export interface CesSettings {
  /** Those tried; seasonal ones only where there are two seasons of rows. */
  readonly forms: readonly CesForm[];
}

/** Known rows. */
const MINIMUM_ROWS = 7;
/** The other two seasons forecast no better on M3, at more than twice the time. */
const DEFAULTS: CesSettings = { forms: ['none', 'partial'] };

/**
 * Complex exponential smoothing (Svetunkov, Kourentzes and Ord 2022), the form by AICc, initial states by backcasting. Missing
 * values stay missing: the states go on as expected.
 */
export function createCes({ forms }: CesSettings = DEFAULTS): UnivariateModel<CesParameters, CesState> {
  return {
    minimumRows: MINIMUM_ROWS,
    fit: (values, options) => {
      requireRows('AUTOCES', values, MINIMUM_ROWS);
      const scale = meanMagnitude(values);
      const fitted = fitForms(
        values.map((value) => value / scale),
        forms,
        options,
      );
      const best = fitted.toSorted((a, b) => a.criterion - b.criterion)[0];
      if (best === undefined || !Number.isFinite(best.criterion))
        throw new RuntimeError('fit_failed', 'AUTOCES: expected a form with a finite AICc, got none');
      const { form, smoothing, converged } = best;
      const variance = best.variance * scale ** 2;
      const parameters = { form, smoothing, variance, scale, season: form === 'none' ? 1 : options.season };
      const { state, residuals } = run(parameters, times(best.start, scale), values);
      const evaluations = fitted.reduce((sum, one) => sum + one.evaluations, 0);
      return { parameters, state, residuals, evaluations, converged };
    },
    update: (parameters, state, values) => run(parameters, state, values).state,
    restart: (parameters, values) => {
      const { form, season, smoothing, scale } = parameters;
      requireRows('AUTOCES', values, form === 'none' ? 1 : 2 * season);
      const scaled = values.map((value) => value / scale);
      const of = {
        form,
        values: scaled,
        filled: interpolate(scaled),
        period: season,
        known: countKnown(values),
      };
      return run(parameters, times(backcastState(of, smoothing), scale), values).state;
    },
    forecast,
  };
}

function fitForms(
  values: Float64Array,
  forms: readonly CesForm[],
  { season, signal }: FitOptions,
): FittedCes[] {
  const known = countKnown(values);
  const filled = interpolate(values);
  const tried = forms.filter((form) => {
    const possible = form === 'none' || (season > 1 && values.length >= 2 * season);
    return possible && known - countParameters(form, season) - 1 > 0;
  });
  return tried.map((form) => {
    signal?.throwIfAborted();
    return fitCes({ form, values, filled, known, period: form === 'none' ? 1 : season });
  });
}

function times(state: CesState, scale: number): CesState {
  const scaled = (values: readonly number[]): number[] => values.map((value) => value * scale);
  return {
    levels: scaled(state.levels),
    potentials: scaled(state.potentials),
    seasons: scaled(state.seasons),
    seasonPotentials: scaled(state.seasonPotentials),
  };
}

function run(
  parameters: CesParameters,
  from: CesState,
  values: Float64Array,
): { readonly state: CesState; readonly residuals: Float64Array } {
  const rings = createRings(parameters.form, parameters.season);
  setRings(rings, from);
  const fitted = new Float64Array(values.length);
  filter(values, rings, parameters, { fitted });
  return { state: stateOf(rings), residuals: values.map((value, row) => value - (fitted[row] ?? 0)) };
}

function forecast(parameters: CesParameters, state: CesState, steps: number): Distribution {
  const mean = new Float64Array(steps);
  const ahead = new Float64Array(steps).fill(Number.NaN);
  const rings = createRings(parameters.form, parameters.season);
  setRings(rings, state);
  filter(ahead, rings, parameters, { fitted: mean });
  // What an error of one does to the rows after it: the model is linear, so its squares add up to the variance (section 3.4).
  const moved = new Float64Array(steps);
  ahead[0] = 1;
  filter(ahead, createRings(parameters.form, parameters.season), parameters, { fitted: moved });
  let sum = 1;
  const variance = moved.map((change, step) => {
    if (step > 0) sum += change * change;
    return parameters.variance * sum;
  });
  return { mean, variance };
}
