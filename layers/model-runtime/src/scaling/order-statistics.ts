import type { Piecewise } from './piecewise.ts';

/** A double is four digits of this many bits. */
const DIGIT_BITS = 16;
const DIGITS = 4;
const RADIX = 1 << DIGIT_BITS;
/** Of the two halves of a double, the one with the sign. */
const HIGH = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1 ? 1 : 0;

/** Where a rank's value lies: among those that begin with `prefix`, three digits at most, as number `left` of them. */
interface Search {
  prefix: number;
  left: number;
  last: number;
}

/**
 * The values that would stand at `ranks` (from 0) if all were in ascending order, -0 before 0: a radix selection in
 * four passes that holds counts alone, whatever the number of values. Values: no NaN.
 */
export function orderStatistics(values: Piecewise, ranks: readonly number[]): number[] {
  const searches: Search[] = ranks.map((rank) => ({ prefix: 0, left: rank, last: 0 }));
  for (let digit = 0; digit < DIGITS; digit += 1) {
    const prefixes = [...new Set(searches.map(({ prefix }) => prefix))];
    const counts = countDigits(values, prefixes, digit);
    for (const search of searches) {
      const next = nextDigit(search, counts[prefixes.indexOf(search.prefix)] ?? new Uint32Array(RADIX));
      if (digit < DIGITS - 1) search.prefix = search.prefix * RADIX + next;
      else search.last = next;
    }
  }
  return searches.map(({ prefix, last }) =>
    valueOf(Math.floor(prefix / RADIX), (prefix % RADIX) * RADIX + last),
  );
}

/** For each prefix, how many of the values that begin with it have each next digit. */
function countDigits(values: Piecewise, prefixes: readonly number[], digit: number): Uint32Array[] {
  const counts = prefixes.map(() => new Uint32Array(RADIX));
  const [first = new Uint32Array(RADIX)] = counts;
  const only = prefixes.length === 1 ? prefixes[0] : undefined;
  for (const piece of values.pieces()) {
    // A copy, since a piece need not begin where a word does, nor be the caller's to look into.
    const halves = new Uint32Array(Float64Array.from(piece).buffer);
    for (let half = 0; half < halves.length; half += 2) {
      const sign = halves[half + HIGH] ?? 0;
      const negative = sign >>> 31 === 1;
      const high = (negative ? ~sign : sign ^ 0x8000_0000) >>> 0;
      const rest = halves[half + 1 - HIGH] ?? 0;
      const low = (negative ? ~rest : rest) >>> 0;
      const prefix = prefixOf(high, low, digit);
      const own = prefix === only ? first : counts[prefixes.indexOf(prefix)];
      if (own === undefined) continue;
      const next = digitOf(high, low, digit);
      own[next] = (own[next] ?? 0) + 1;
    }
  }
  return counts;
}

function prefixOf(high: number, low: number, digit: number): number {
  if (digit === 0) return 0;
  if (digit === 1) return high >>> DIGIT_BITS;
  return digit === 2 ? high : high * RADIX + (low >>> DIGIT_BITS);
}

function digitOf(high: number, low: number, digit: number): number {
  const half = digit < 2 ? high : low;
  return digit % 2 === 0 ? half >>> DIGIT_BITS : half & (RADIX - 1);
}

/** The digit that the rank's value has next; `left` becomes its rank among the values that have it too. */
function nextDigit(search: Search, counts: Uint32Array): number {
  let digit = 0;
  while (digit < RADIX - 1 && search.left >= (counts[digit] ?? 0)) {
    search.left -= counts[digit] ?? 0;
    digit += 1;
  }
  return digit;
}

function valueOf(high: number, low: number): number {
  const negative = high >>> 31 === 0;
  const halves = new Uint32Array(2);
  halves[HIGH] = negative ? ~high : high ^ 0x8000_0000;
  halves[1 - HIGH] = negative ? ~low : low;
  return new Float64Array(halves.buffer)[0] ?? Number.NaN;
}
