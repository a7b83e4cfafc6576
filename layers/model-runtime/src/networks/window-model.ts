/** What runs a network, whichever way: windows in, answers out, both scaled. */
export interface WindowModel {
  /** Rows and features of a context, steps and targets of an answer. */
  readonly window: number;
  readonly features: number;
  readonly horizon: number;
  readonly targets: number;
  /** [count, horizon, targets] for contexts [count, window, features]. */
  readonly predict: (contexts: Float32Array) => Float32Array;
  readonly dispose: () => void;
}
