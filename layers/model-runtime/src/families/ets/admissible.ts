import { isStable } from '../../statistics/stability.ts';
import type { Form, Smoothing } from './form.ts';

/**
 * Whether forecasts forget the distant past: the roots of the characteristic polynomial lie inside the unit circle
 * (Hyndman et al. 2008, chapter 10, equation 10.5). Without a season the usual bounds on the parameters see to that.
 */
export function isAdmissible({ trend, season }: Form, smoothing: Smoothing, period: number): boolean {
  if (season === 'N') return true;
  const { alpha, beta, gamma, phi } = smoothing;
  // Without a trend the polynomial has the factor (z - 1), of the states that no forecast shows: it is divided out.
  if (trend === 'N') {
    const divided = new Float64Array(period + 1).fill(alpha);
    divided[0] = alpha + gamma - 1;
    divided[period] = 1;
    return isStable(divided);
  }
  const middle = alpha + beta - alpha * phi;
  const ascending = new Float64Array(period + 2).fill(middle);
  ascending[0] = phi * (1 - alpha - gamma);
  ascending[1] = middle + gamma - 1;
  ascending[period] = alpha + beta - phi;
  ascending[period + 1] = 1;
  return isStable(ascending);
}
