/** Planning of the kernels' memory: addresses, strides and distances are bytes. Nothing here touches memory. */
export interface Plan {
  /** Rows in a panel: 8, or 1 where single windows are forecast. */
  readonly lanes: 1 | 8;
  /** Panels of the largest batch. */
  readonly panels: number;
  readonly isTraining: boolean;
  readonly dropout: boolean;
  /** A place for weights, which lie together. */
  readonly weights: (bytes: number) => number;
  /** A place for a matrix of weights: columns side by side, `columnsOf`. */
  readonly matrix: (depth: number, columns: number) => number;
  readonly reserve: (bytes: number) => number;
  /** 0 where nothing is trained. */
  readonly reserveToTrain: (bytes: number) => number;
}

/** What one block hands to the next: [step][panel][feature][lanes]. */
export interface Sequence {
  readonly steps: number;
  /** Padded. */
  readonly features: number;
  readonly at: number;
  /** From panel to panel. */
  readonly stride: number;
  /** The gradient with respect to it, laid out alike; 0 where nobody asks for it. */
  readonly gradient: number;
  /** The copy that gradients of weights read, as kernels/transpose.ts makes it: [feature / 8][step][panel][8 rows][8]. */
  readonly turned: number;
  /** From one eight of features to the next. */
  readonly turnedBlock: number;
}

/** How many columns of a matrix of weights lie side by side, [column / 4][depth][4], or 32 (kernels/product.ts). */
export function columnsOf({ lanes }: { readonly lanes: number }): 4 | 32 {
  return lanes === 1 ? 32 : 4;
}

export const FLOAT = 4;
export const LANES = 8;
/** Keeps the panels of one feature out of the same cache set, which powers of two would fall into. */
const PANEL_GAP = 128;

/** From one panel of so many features to the next. */
export function panelBytes({ lanes }: Plan, features: number): number {
  return features * lanes * FLOAT + PANEL_GAP;
}

/** Of `wide` numbers of each row of so many panels, and a gap: behind four columns, two tiles of sums have room in it. */
export function blockBytes(panels: number, wide: 4 | 8): number {
  return panels * LANES * wide * FLOAT + (wide === 4 ? 2 : 1) * PANEL_GAP;
}

/** A copy [feature / 8][step][panel][8 rows][8], for gradients of weights. */
export function reserveTurned(plan: Plan, steps: number, features: number): number {
  return plan.reserveToTrain(Math.ceil(features / 8) * blockBytes(steps * plan.panels, 8));
}

export interface SequenceOf {
  readonly steps: number;
  readonly features: number;
  /** Where its gradient lies; default: in memory of its own; 0: nobody asks for it. */
  readonly gradient?: number;
  /** Whether gradients of weights read it; default: they do. */
  readonly turned?: boolean;
}

/** A sequence of its own memory. */
export function reserveSequence(
  plan: Plan,
  { steps, features, gradient, turned = true }: SequenceOf,
): Sequence {
  const stride = panelBytes(plan, features);
  const bytes = steps * plan.panels * stride;
  return {
    steps,
    features,
    stride,
    at: plan.reserve(bytes),
    gradient: gradient ?? plan.reserveToTrain(bytes),
    turned: turned ? reserveTurned(plan, steps, features) : 0,
    turnedBlock: blockBytes(steps * plan.panels, 8),
  };
}
