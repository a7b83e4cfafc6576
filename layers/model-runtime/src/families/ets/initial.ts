import { fitLine, removeSeason, seasonalIndices } from '../../statistics/decomposition.ts';
import type { Form, FormState } from './form.ts';

/** Rows that the first level and trend are drawn through, at least. */
const LINE_ROWS = 10;

/**
 * Initial states by the heuristic of Hyndman et al. 2008, section 2.6.1: seasonal indices by classical decomposition, level
 * and trend by a line through the first rows. `values` without gaps; two seasons of them, where the form has one.
 */
export function initialState(values: Float64Array, form: Form, period: number): FormState {
  if (form.season === 'N') return { ...initialLine(values, form, LINE_ROWS), season: [] };
  const kind = form.season === 'A' ? 'additive' : 'multiplicative';
  const indices = seasonalIndices(values, period, kind);
  // A ratio at or below 0 would have no seasonally adjusted value.
  const season = kind === 'additive' ? indices : indices.map((index) => Math.max(index, 0.01));
  const adjusted = removeSeason(values, season, kind);
  return { ...initialLine(adjusted, form, Math.max(LINE_ROWS, 2 * period)), season: [...season] };
}

function initialLine(
  values: Float64Array,
  form: Form,
  rows: number,
): { readonly level: number; readonly trend: number } {
  const first = values.subarray(0, rows);
  const { intercept, slope } = fitLine(first);
  if (form.trend === 'N')
    return { level: first.reduce((sum, value) => sum + value, 0) / first.length, trend: 0 };
  // The first row is forecast from the state one step before it. Ratios need a level above 0.
  const level = intercept - slope;
  return form.season === 'M' && level <= 0
    ? { level: Math.abs(values[0] ?? 0), trend: 0 }
    : { level, trend: slope };
}
