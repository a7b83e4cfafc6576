/** A network that the kernels run. */
export interface NetworkShape {
  /** The type of an Architecture. */
  readonly family: string;
  /** Steps of the window. */
  readonly steps: number;
  readonly features: number;
  readonly units: number;
  readonly layers: number;
  /** What it answers is [horizon, targets]. */
  readonly horizon: number;
  readonly targets: number;
}

/** Numbers answered. */
export function outputsOf({ horizon, targets }: NetworkShape): number {
  return horizon * targets;
}

/** The next multiple of four, the width of a vector. */
export function padded(size: number): number {
  return Math.ceil(size / 4) * 4;
}
