import type { Differenced } from './conditional.ts';
import { fitOrder, takeOrder, type FittedOrder } from './fit-order.ts';
import type { Order } from './polynomials.ts';

/** Of p and q, of P and Q (Hyndman and Khandakar 2008, section 3.2). */
const LARGEST = { plain: 5, seasonal: 2 };
/** Orders fitted at most. */
const MOST_MODELS = 94;
/** Of the search by conditional least squares, how many the exact likelihood decides between. */
const FINALISTS = 4;
/** Products of rows and squared width of the band, above which the exact likelihood is left out. */
const EXACT_WORK = 1e7;

export interface OrderSearch {
  /** Differenced by `base`; without the column of ones, which the search sets where an order has a constant. */
  readonly data: Differenced;
  /** Its differences and season are held. */
  readonly base: Order;
  /** Whether a constant may be tried. */
  readonly constant: boolean;
  readonly signal?: AbortSignal | undefined;
}

export interface FoundOrder {
  readonly best: FittedOrder;
  readonly evaluations: number;
}

/** Stepwise from four orders to neighbours that are better, by conditional least squares; the exact likelihood decides. */
export function searchOrders(of: OrderSearch): FoundOrder {
  const { base, constant, signal } = of;
  const tried = new Map<string, FittedOrder>();
  const ones = new Float64Array(of.data.values.length).fill(1);
  const dataOf = ({ constant: has }: Order): Differenced => ({
    values: of.data.values,
    columns: has ? [ones, ...of.data.columns] : of.data.columns,
  });
  let best: FittedOrder | undefined;
  /** Whether it is better than all before. */
  const attempt = (order: Order): boolean => {
    const key = JSON.stringify(order);
    if (tried.has(key) || tried.size >= MOST_MODELS || !isWithin(order)) return false;
    signal?.throwIfAborted();
    const fitted = fitOrder(dataOf(order), order, 'conditional');
    tried.set(key, fitted);
    const better = fitted.criterion < (best?.criterion ?? Number.POSITIVE_INFINITY);
    if (better || best === undefined) best = fitted;
    return better;
  };
  for (const order of firstOrders(base, constant)) attempt(order);
  while (best !== undefined && neighbours(best.order, constant).some(attempt));
  const sorted = [...tried.values()].toSorted((a, b) => a.criterion - b.criterion);
  const finalists = sorted.slice(0, FINALISTS).map((fitted) => {
    signal?.throwIfAborted();
    return refine(dataOf(fitted.order), fitted);
  });
  const winner = finalists.toSorted((a, b) => a.criterion - b.criterion)[0];
  if (winner === undefined) throw new RangeError('expected an order to be tried');
  return {
    best: winner,
    evaluations: [...sorted, ...finalists].reduce((sum, one) => sum + one.evaluations, 0),
  };
}

/** By the exact likelihood, where the rows suffice and are not too many; its search may end at a root that is not taken. */
function refine(data: Differenced, fitted: FittedOrder): FittedOrder {
  const { order, polynomials, numbers, criterion } = fitted;
  const { ar, ma } = polynomials;
  const { length } = data.values;
  const tooFew = length < Math.max(ar.length, ma.length) + ma.length;
  if (tooFew || length * ma.length ** 2 > EXACT_WORK || !Number.isFinite(criterion)) return fitted;
  const refined = fitOrder(data, order, 'exact', numbers);
  if (Number.isFinite(refined.criterion)) return refined;
  const kept = takeOrder(data, order, 'exact', numbers);
  return Number.isFinite(kept.criterion) ? kept : fitted;
}

function isWithin({ p, q, seasonal: [P, , Q] }: Order): boolean {
  const within = (order: number, largest: number): boolean => order >= 0 && order <= largest;
  return (
    within(p, LARGEST.plain) &&
    within(q, LARGEST.plain) &&
    within(P, LARGEST.seasonal) &&
    within(Q, LARGEST.seasonal)
  );
}

function firstOrders(base: Order, constant: boolean): Order[] {
  const [, D] = base.seasonal;
  const seasonal = base.season > 1 ? 1 : 0;
  const order = (p: number, q: number, P: number, Q: number): Order => ({
    ...base,
    p,
    q,
    seasonal: [P * seasonal, D, Q * seasonal],
    constant,
  });
  const first = [order(2, 2, 1, 1), order(0, 0, 0, 0), order(1, 0, 1, 0), order(0, 1, 0, 1)];
  return constant ? [...first, { ...order(0, 0, 0, 0), constant: false }] : first;
}

/** One of p, q, P and Q up or down, p and q together, P and Q together, and the constant. */
function neighbours(order: Order, constant: boolean): Order[] {
  const { p, q, season } = order;
  const [P, D, Q] = order.seasonal;
  const plain = (dp: number, dq: number): Order => ({ ...order, p: p + dp, q: q + dq });
  const seasonal = (dP: number, dQ: number): Order => ({ ...order, seasonal: [P + dP, D, Q + dQ] });
  const moves = [
    [-1, 0],
    [0, -1],
    [1, 0],
    [0, 1],
    [-1, -1],
    [-1, 1],
    [1, -1],
    [1, 1],
  ] as const;
  const seasons = season > 1 ? moves.map(([first, second]) => seasonal(first, second)) : [];
  const toggled = constant ? [{ ...order, constant: !order.constant }] : [];
  return [...seasons, ...moves.map(([first, second]) => plain(first, second)), ...toggled];
}
