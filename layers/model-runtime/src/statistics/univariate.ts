/**
 * What a statistical family of one column offers. All numbers are f64 in original units; a row is one step of the frequency.
 * Parameters and states are plain JSON. Everything is deterministic: work is bounded by evaluations, never by seconds.
 * NaN is a missing value; each family says what it does with one.
 */
export interface UnivariateModel<P, S> {
  /** Rows that a fit takes at least, of those that are not missing. */
  readonly minimumRows: number;
  /**
   * Fits on all values.
   * @throws RuntimeError insufficient_rows; the signal's reason, where it is aborted between two candidates.
   */
  fit(values: Float64Array, options: FitOptions): UnivariateFit<P, S>;
  /** The state after further values, which follow those that the state has seen; parameters stay frozen. */
  update(parameters: P, state: S, values: Float64Array, options?: RowOptions): S;
  /**
   * The state after rows that do not join the fit: initial states by least squares from these rows alone.
   * @throws RuntimeError insufficient_rows
   */
  restart(parameters: P, values: Float64Array, options?: ContextOptions): S;
  /** Points and variances of the next `steps` rows. */
  forecast(parameters: P, state: S, steps: number, options?: RowOptions): Distribution;
}

/** Columns that are known for the rows in question, in the order of the fit. Families without regressors ignore them. */
export interface RowOptions {
  readonly regressors?: readonly Float64Array[];
}

export interface ContextOptions extends RowOptions {
  /**
   * Place of the first value in the calendar, in rows since any fixed instant, the same one for the fit and for later contexts.
   * Seasonal patterns that parameters hold are found by it. Default 0.
   */
  readonly index?: number;
}

export interface FitOptions extends ContextOptions {
  /** Rows of the season; 1: none. */
  readonly season: number;
  /** Rows of all seasons, ascending, for families that take several. Default: the one. */
  readonly seasons?: readonly number[];
  readonly signal?: AbortSignal;
}

export interface UnivariateFit<P, S> {
  readonly parameters: P;
  /** After the last value. */
  readonly state: S;
  /** False where the search for what is used ended at its bound of evaluations: the best so far. */
  readonly converged: boolean;
  /** Passes over the values, all candidates together. */
  readonly evaluations: number;
  /** What each value differs from its one-step forecast by, original units; NaN where the value or the forecast is missing. */
  readonly residuals: Float64Array;
}

/** steps values each; original units, the variance in their square. */
export interface Distribution {
  readonly mean: Float64Array;
  readonly variance: Float64Array;
}
