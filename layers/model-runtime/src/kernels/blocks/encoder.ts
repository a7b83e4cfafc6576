import type { Plan, Sequence } from '../plan.ts';
import { padded } from '../shape.ts';
import { attention, type Attention } from './attention.ts';
import { at, clearGradient, turn, type Pass, type Place, type SequenceBlock } from './block.ts';
import { convolution, type Convolution } from './convolution.ts';
import { normalisation, type Normalisation } from './normalisation.ts';

export interface EncoderOf {
  readonly input: Sequence;
  /** Features of the input, and of what is answered, that are not padding; heads share them out. */
  readonly units: number;
  readonly heads: number;
  /** Units of the feed-forward layer. */
  readonly inner: number;
  /** Steps answered: the last ones of the input. */
  readonly steps: number;
}

interface Encoder {
  readonly input: Sequence;
  readonly queries: Convolution;
  readonly keys: Convolution;
  readonly heads: Attention;
  readonly mixed: Convolution;
  readonly middle: Normalisation;
  readonly inner: Convolution;
  readonly outer: Convolution;
  readonly end: Normalisation;
}

/**
 * A block of a transformer's encoder (Vaswani et al. 2017):
 *   m = norm(x + heads(x) Wo + bo)      y = norm(m + max(m W1 + b1, 0) W2 + b2)
 * heads(x) are those of attention.ts, side by side. Dropout leaves out units of both that are added.
 */
export function encoderBlock(plan: Plan, of: EncoderOf): SequenceBlock {
  const block = planBlock(plan, of);
  const { queries, keys, heads, mixed, middle, inner, outer, end } = block;
  const dense = [queries, keys, mixed, inner, outer];
  return {
    out: end.out,
    places: placesOf(block, of),
    groups: [...dense.map(({ group }) => group), middle.group, end.group],
    masks: dense.flatMap(({ masks }) => masks),
    open: (memory, panels) => {
      for (const part of [...dense, heads]) part.open(memory, panels);
    },
    forward: (pass) => forward(block, pass),
    backward: (pass) => backward(block, pass),
  };
}

function planBlock(plan: Plan, { input, units, heads, inner: width, steps }: EncoderOf): Encoder {
  const own = padded(units / heads);
  const all = heads * own;
  const layer = (given: Sequence, of: Partial<Parameters<typeof convolution>[1]>): Convolution =>
    convolution(plan, {
      input: given,
      features: units,
      units,
      taps: 1,
      steps,
      stride: 1,
      rectified: false,
      turned: false,
      ...of,
    });
  const queries = layer(input, { units: all });
  const keys = layer(input, { units: 2 * all, steps: input.steps });
  const asked = attention(plan, { queries: queries.out, keys: keys.out, heads, width: own });
  const mixed = layer(asked.out, { dropped: true });
  const middle = normalisation(plan, mixed.out, units);
  const inner = layer(middle.out, { units: width, rectified: true, dropped: false, turned: true });
  const outer = layer(inner.out, { features: width, dropped: true });
  const end = normalisation(plan, outer.out, units);
  return { input, queries, keys, heads: asked, mixed, middle, inner, outer, end };
}

/** Kernel and bias of each head's queries and keys, then of its values, then of the layers after them. */
function placesOf(block: Encoder, { units, heads }: EncoderOf): Place[] {
  const { queries, keys, mixed, middle, inner, outer, end } = block;
  const columns = units / heads;
  const own = padded(columns);
  const head = ({ w, b, depth }: Convolution, index: number): Place[] => [
    { at: w, firstColumn: index * own, rows: units, depth, gates: 1, columns },
    { at: b, firstColumn: index * own, rows: 1, depth: 1, gates: 1, columns },
  ];
  const each = Array.from({ length: heads }, (_, index) => index);
  const { w, depth } = mixed;
  return [
    ...each.flatMap((index) => [...head(queries, index), ...head(keys, index)]),
    ...each.flatMap((index) => head(keys, heads + index)),
    { at: w, rows: columns, taps: heads, depth, gates: 1, columns: units },
    ...mixed.places.slice(1),
    ...middle.places,
    ...inner.places,
    ...outer.places,
    ...end.places,
  ];
}

function forward(
  { input, queries, keys, heads, mixed, middle, inner, outer, end }: Encoder,
  pass: Pass,
): void {
  for (const part of [queries, keys, heads, mixed]) part.forward(pass);
  addSteps(pass, { to: mixed.out, from: input });
  middle.forward(pass);
  inner.forward(pass);
  outer.forward(pass);
  addSteps(pass, { to: outer.out, from: middle.out });
  end.forward(pass);
}

/** Adds the last steps of a sequence to those of another, or their gradients. */
function addSteps(
  pass: Pass,
  { to, from, of = 'at' }: { to: Sequence; from: Sequence; of?: 'at' | 'gradient' },
): void {
  const steps = Math.min(to.steps, from.steps);
  for (let back = 1; back <= steps; back += 1) {
    const target = at(to, to[of], to.steps - back, pass);
    const source = at(from, from[of], from.steps - back, pass);
    pass.kernels.add(target, source, (pass.span.to - pass.span.from) * to.stride);
  }
}

function backward(block: Encoder, pass: Pass): void {
  const { input, queries, keys, heads, mixed, middle, inner, outer, end } = block;
  end.backward(pass);
  for (const sequence of [middle.out, inner.out, heads.out, input]) clearGradient(sequence, pass);
  // What is added to a layer has its gradient, before dropout takes its part of it.
  addSteps(pass, { to: middle.out, from: outer.out, of: 'gradient' });
  outer.backward(pass, outer.out.gradient);
  inner.backward(pass, inner.out.gradient);
  middle.backward(pass);
  addSteps(pass, { to: input, from: mixed.out, of: 'gradient' });
  mixed.backward(pass, mixed.out.gradient);
  heads.backward(pass);
  queries.backward(pass, queries.out.gradient);
  keys.backward(pass, keys.out.gradient);
  turn(inner.out, pass);
}
