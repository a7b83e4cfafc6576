/** No season, a simple one (complex states a season back), a partial one (real seasonal states), a full one (complex ones). */
export const FORMS = ['none', 'simple', 'partial', 'full'] as const;
export type CesForm = (typeof FORMS)[number];

/** Real and imaginary part of the complex smoothing parameters; the second pair is the season's, partial ones have one. */
export interface CesSmoothing {
  readonly level: readonly [number, number];
  readonly season: readonly [number, number];
}

/** Lists begin with the next row's states: one of each without a season, a season of them where the form has it there. */
export interface CesState {
  readonly levels: readonly number[];
  readonly potentials: readonly number[];
  readonly seasons: readonly number[];
  readonly seasonPotentials: readonly number[];
}

/** A state that is changed in place. */
export interface Rings {
  readonly levels: Float64Array;
  readonly potentials: Float64Array;
  readonly seasons: Float64Array;
  readonly seasonPotentials: Float64Array;
  level: number;
  season: number;
}

export function createRings(form: CesForm, period: number): Rings {
  const [levels, seasons] = [
    form === 'simple' ? period : 1,
    form === 'partial' || form === 'full' ? period : 1,
  ];
  return {
    levels: new Float64Array(levels),
    potentials: new Float64Array(levels),
    seasons: new Float64Array(seasons),
    seasonPotentials: new Float64Array(seasons),
    level: 0,
    season: 0,
  };
}

export function setRings(rings: Rings, state: CesState): void {
  rings.levels.set(state.levels);
  rings.potentials.set(state.potentials);
  rings.seasons.set(state.seasons);
  rings.seasonPotentials.set(state.seasonPotentials);
  rings.level = 0;
  rings.season = 0;
}

export function stateOf(rings: Rings): CesState {
  const turn = (ring: Float64Array, next: number): number[] => [
    ...ring.subarray(next),
    ...ring.subarray(0, next),
  ];
  return {
    levels: turn(rings.levels, rings.level),
    potentials: turn(rings.potentials, rings.level),
    seasons: turn(rings.seasons, rings.season),
    seasonPotentials: turn(rings.seasonPotentials, rings.season),
  };
}

/** Coefficients of one pair of states: what the other one, and the error, add. Zeros where the form has no such states. */
function coefficients(
  form: CesForm,
  { level, season }: CesSmoothing,
): Readonly<Record<'a' | 'b', readonly number[]>> {
  const complex = ([real, imaginary]: readonly [number, number]): readonly number[] =>
    // states: s' = s + c0 k + c1 e; k' = c2 s + c3 k + c4 e
    [imaginary - 1, real - imaginary, 1, 1 - real, real + imaginary];
  const none = [0, 0, 0, 0, 0];
  const partial = [0, season[0], 0, 0, 0];
  return { a: complex(level), b: form === 'full' ? complex(season) : form === 'partial' ? partial : none };
}

export interface CesModel {
  readonly form: CesForm;
  readonly smoothing: CesSmoothing;
}

export interface CesPass {
  /** What each row is expected to be. */
  readonly fitted: Float64Array;
  /** Rows in reverse: the pass that looks for initial states. */
  readonly backwards?: boolean;
}

/**
 * Goes over the rows (Svetunkov, Kourentzes and Ord 2022, equations 10 and 15 to 17 in state-space form), and gives the sum of
 * squares of the errors. Where a value is NaN the states go on as expected.
 */
export function filter(values: Float64Array, rings: Rings, model: CesModel, pass: CesPass): number {
  const run = model.form === 'none' || model.form === 'partial' ? filterReal : filterComplex;
  return run(values, rings, model, pass);
}

/** With one level, and real seasonal states or none: the one that most searches are about. */
function filterReal(
  values: Float64Array,
  rings: Rings,
  model: CesModel,
  { fitted, backwards }: CesPass,
): number {
  const { a, b } = coefficients(model.form, model.smoothing);
  const [a0 = 0, a1 = 0, , a3 = 0, a4 = 0] = a;
  const b1 = b[1] ?? 0;
  const { seasons } = rings;
  const rows = values.length;
  const [step, end, first] = backwards ? [-1, -1, seasons.length - 1] : [1, seasons.length, 0];
  let [level, potential, place, squares] = [rings.levels[0] ?? 0, rings.potentials[0] ?? 0, rings.season, 0];
  for (let row = backwards ? rows - 1 : 0, count = 0; count < rows; count += 1, row += step) {
    const season = seasons[place] ?? 0;
    const expected = level + season;
    const value = values[row] ?? 0;
    const error = value === value ? value - expected : 0;
    fitted[row] = expected;
    squares += error * error;
    const before = level;
    level = before + a0 * potential + a1 * error;
    potential = before + a3 * potential + a4 * error;
    if (b1 !== 0) seasons[place] = season + b1 * error;
    place = place + step === end ? first : place + step;
  }
  rings.levels[0] = level;
  rings.potentials[0] = potential;
  rings.season = place;
  return squares;
}

function filterComplex(
  values: Float64Array,
  rings: Rings,
  model: CesModel,
  { fitted, backwards }: CesPass,
): number {
  const { levels, potentials, seasons, seasonPotentials } = rings;
  const { a, b } = coefficients(model.form, model.smoothing);
  const [a0 = 0, a1 = 0, a2 = 0, a3 = 0, a4 = 0] = a;
  const [b0 = 0, b1 = 0, b2 = 0, b3 = 0, b4 = 0] = b;
  const rows = values.length;
  let { level: at, season: place } = rings;
  let squares = 0;
  for (let count = 0; count < rows; count += 1) {
    const row = backwards ? rows - 1 - count : count;
    const [level, potential] = [levels[at] ?? 0, potentials[at] ?? 0];
    const [season, seasonPotential] = [seasons[place] ?? 0, seasonPotentials[place] ?? 0];
    const expected = level + season;
    const value = values[row] ?? 0;
    const error = value === value ? value - expected : 0;
    fitted[row] = expected;
    squares += error * error;
    levels[at] = level + a0 * potential + a1 * error;
    potentials[at] = a2 * level + a3 * potential + a4 * error;
    seasons[place] = season + b0 * seasonPotential + b1 * error;
    seasonPotentials[place] = b2 * season + b3 * seasonPotential + b4 * error;
    at = neighbour(at, levels.length, backwards);
    place = neighbour(place, seasons.length, backwards);
  }
  rings.level = at;
  rings.season = place;
  return squares;
}

/** The next place of a ring, or the one before. */
export function neighbour(place: number, length: number, backwards = false): number {
  if (backwards) return place === 0 ? length - 1 : place - 1;
  return place + 1 === length ? 0 : place + 1;
}
