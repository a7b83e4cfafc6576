/** Error, trend and season as in Hyndman et al. 2008, table 2.1: A additive, M multiplicative, N none, Ad additive damped. */
export interface Form {
  readonly error: 'A' | 'M';
  readonly trend: 'N' | 'A' | 'Ad';
  readonly season: 'N' | 'A' | 'M';
}

/** State: original units; a multiplicative season is a ratio. */
export interface FormState {
  readonly level: number;
  /** 0 without a trend. */
  readonly trend: number;
  /** The seasonal states, beginning with the next row's; [] without a season. */
  readonly season: readonly number[];
}

export interface Smoothing {
  readonly alpha: number;
  /** 0 without a trend. */
  readonly beta: number;
  /** 0 without a season. */
  readonly gamma: number;
  /** Damping; 1 without. */
  readonly phi: number;
}

const TRENDS = ['N', 'A', 'Ad'] as const;

/**
 * The forms with an additive trend, less those whose variance is unbounded or which are unstable (additive error with
 * a multiplicative season), as R's `restrict` leaves them out: 6 without a season, 15 with.
 */
export function permittedForms(seasonal: boolean, positive: boolean): Form[] {
  const forms: Form[] = [];
  for (const error of positive ? (['A', 'M'] as const) : (['A'] as const))
    for (const season of seasonal ? (['N', 'A', 'M'] as const) : (['N'] as const))
      for (const trend of TRENDS) if (error === 'M' || season !== 'M') forms.push({ error, trend, season });
  return forms;
}

export function nameOf({ error, trend, season }: Form): string {
  return `${error}${trend}${season}`;
}

/** Takes values above 0 alone. */
export function isMultiplicative({ error, season }: Form): boolean {
  return error === 'M' || season === 'M';
}

/** Smoothing parameters, free initial states and the variance: what the criterion counts. */
export function countParameters({ trend, season }: Form, period: number): number {
  const ofTrend = trend === 'N' ? 0 : trend === 'A' ? 2 : 3;
  return 3 + ofTrend + (season === 'N' ? 0 : period);
}
