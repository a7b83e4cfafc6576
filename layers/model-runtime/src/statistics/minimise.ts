/** The value at x; writes the gradient there. A value that is not finite rejects x. */
export type Differentiable = (x: Float64Array, gradient: Float64Array) => number;

export interface Minimum {
  readonly x: Float64Array;
  readonly value: number;
  readonly evaluations: number;
  readonly converged: boolean;
}

export interface MinimiseOptions {
  /** Bound of the work. */
  readonly evaluations: number;
  /** Converged where a step lowers the value by less. */
  readonly tolerance: number;
}

interface Point {
  x: Float64Array;
  gradient: Float64Array;
  value: number;
}

/** A line search shortens a step this often at most. */
const SHORTENED = 12;
/** Of the decrease that the gradient promises, what a step has to bring (Armijo). */
const SUFFICIENT = 1e-4;

/**
 * BFGS (Nocedal and Wright 2006, algorithm 6.1; the first inverse Hessian by equation 6.20) with a line search that shortens
 * by a parabola until the decrease suffices. Variables are expected to be scaled so that curvatures are about alike.
 */
export function minimise(
  evaluate: Differentiable,
  start: Float64Array,
  { evaluations: bound, tolerance }: MinimiseOptions,
): Minimum {
  const size = start.length;
  let [here, there] = [emptyPoint(size), emptyPoint(size)];
  here.x.set(start);
  here.value = evaluate(here.x, here.gradient);
  let evaluations = 1;
  const inverse = new InverseHessian(size);
  const direction = new Float64Array(size);
  const end = (converged: boolean): Minimum => ({ x: here.x, value: here.value, evaluations, converged });
  while (evaluations < bound) {
    const slope = inverse.descend(here.gradient, direction);
    if (!(slope < 0)) return end(slope === 0);
    const search = { evaluate, here, there, direction, slope, bound: bound - evaluations };
    evaluations += shorten(search, inverse.updates === 0 ? Math.min(1, 1 / Math.sqrt(-slope)) : 1);
    const decrease = here.value - there.value;
    if (decrease > 0) {
      inverse.learn(here, there);
      [here, there] = [there, here];
      if (decrease < tolerance) return end(true);
    } else if (inverse.updates === 0) return end(evaluations < bound);
    else inverse.forget();
  }
  return end(false);
}

function emptyPoint(size: number): Point {
  return { x: new Float64Array(size), gradient: new Float64Array(size), value: Number.POSITIVE_INFINITY };
}

interface LineSearch {
  readonly evaluate: Differentiable;
  readonly here: Point;
  readonly there: Point;
  readonly direction: Float64Array;
  readonly slope: number;
  readonly bound: number;
}

/** Fills `there` with the first point along the direction that is low enough, or the last one tried; evaluations it took. */
function shorten({ evaluate, here, there, direction, slope, bound }: LineSearch, first: number): number {
  let step = first;
  for (let tried = 1; ; tried += 1) {
    for (let i = 0; i < direction.length; i += 1) there.x[i] = (here.x[i] ?? 0) + step * (direction[i] ?? 0);
    const value = evaluate(there.x, there.gradient);
    there.value = Number.isNaN(value) ? Number.POSITIVE_INFINITY : value;
    if (there.value <= here.value + SUFFICIENT * step * slope || tried > SHORTENED || tried >= bound)
      return tried;
    const lowest = (-slope * step) / (2 * (there.value - here.value - slope * step));
    step *= Math.min(0.5, Math.max(0.1, lowest));
  }
}

class InverseHessian {
  /** How many steps it has learnt from. */
  updates = 0;
  readonly #size: number;
  readonly #values: Float64Array;
  readonly #step: Float64Array;
  readonly #turn: Float64Array;
  readonly #product: Float64Array;

  constructor(size: number) {
    this.#size = size;
    this.#values = new Float64Array(size * size);
    this.#step = new Float64Array(size);
    this.#turn = new Float64Array(size);
    this.#product = new Float64Array(size);
    this.forget();
  }

  forget(): void {
    this.updates = 0;
    this.#values.fill(0);
    for (let i = 0; i < this.#size; i += 1) this.#values[i * this.#size + i] = 1;
  }

  /** Writes -H g, and gives the slope along it. */
  descend(gradient: Float64Array, direction: Float64Array): number {
    this.#multiply(gradient, direction);
    let slope = 0;
    for (let i = 0; i < this.#size; i += 1) {
      direction[i] = -(direction[i] ?? 0);
      slope += (gradient[i] ?? 0) * (direction[i] ?? 0);
    }
    return slope;
  }

  learn(here: Point, there: Point): void {
    const size = this.#size;
    const [step, turn, product, values] = [this.#step, this.#turn, this.#product, this.#values];
    let curvature = 0;
    let turned = 0;
    for (let i = 0; i < size; i += 1) {
      step[i] = (there.x[i] ?? 0) - (here.x[i] ?? 0);
      turn[i] = (there.gradient[i] ?? 0) - (here.gradient[i] ?? 0);
      curvature += (step[i] ?? 0) * (turn[i] ?? 0);
      turned += (turn[i] ?? 0) ** 2;
    }
    if (!(curvature > 1e-10 * turned)) return;
    if (this.updates === 0) for (let i = 0; i < size; i += 1) values[i * size + i] = curvature / turned;
    this.updates += 1;
    this.#multiply(turn, product);
    let length = 0;
    for (let i = 0; i < size; i += 1) length += (turn[i] ?? 0) * (product[i] ?? 0);
    const along = (1 + length / curvature) / curvature;
    for (let i = 0; i < size; i += 1) {
      const ofStep = along * (step[i] ?? 0) - (product[i] ?? 0) / curvature;
      const ofProduct = (step[i] ?? 0) / curvature;
      for (let j = 0; j <= i; j += 1) {
        const changed = (values[i * size + j] ?? 0) + ofStep * (step[j] ?? 0) - ofProduct * (product[j] ?? 0);
        values[i * size + j] = changed;
        values[j * size + i] = changed;
      }
    }
  }

  #multiply(vector: Float64Array, product: Float64Array): void {
    for (let i = 0; i < this.#size; i += 1) {
      let sum = 0;
      const row = i * this.#size;
      for (let j = 0; j < this.#size; j += 1) sum += (this.#values[row + j] ?? 0) * (vector[j] ?? 0);
      product[i] = sum;
    }
  }
}
