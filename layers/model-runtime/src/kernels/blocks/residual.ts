import { reserveSequence, type Plan, type Sequence } from '../plan.ts';
import { padded } from '../shape.ts';
import { at, clearGradient, turn, type Pass, type SequenceBlock } from './block.ts';
import { convolution, type Convolution } from './convolution.ts';

export interface ResidualOf {
  readonly input: Sequence;
  /** Features of the input that are not padding. */
  readonly features: number;
  readonly units: number;
  readonly taps: number;
  /** Steps of the input that somebody reads of what lies between the two convolutions. */
  readonly between: number;
  /** Steps answered, and how many of the input's steps each of them is. */
  readonly steps: number;
  readonly stride: number;
}

interface Residual {
  readonly input: Sequence;
  readonly first: Convolution;
  readonly second: Convolution;
  /** Of one lag, where the input is of another width than what is answered. */
  readonly skip: Convolution | undefined;
  readonly out: Sequence;
  readonly stride: number;
}

/**
 * A residual block of a temporal convolutional network (Bai et al. 2018, without weight normalisation):
 *   out = max(max(second(max(first(x), 0)), 0) + skip(x), 0)      skip(x) is x, or a dense layer of it where widths differ
 */
export function residualBlock(plan: Plan, of: ResidualOf): SequenceBlock {
  const { input, features, units, taps, between, steps, stride } = of;
  const first = convolution(plan, {
    input,
    features,
    units,
    taps,
    steps: between,
    stride: 1,
    rectified: true,
  });
  const shared = { units, steps, stride };
  const second = convolution(plan, {
    ...shared,
    input: first.out,
    features: units,
    taps,
    rectified: true,
  });
  const out = reserveSequence(plan, { steps, features: padded(units) });
  const skip =
    features === units
      ? undefined
      : convolution(plan, { ...shared, input, features, taps: 1, rectified: false, gradient: out.gradient });
  const block = { input, first, second, skip, out, stride };
  const convolutions = [first, second, ...(skip ? [skip] : [])];
  return {
    out,
    places: convolutions.flatMap(({ places }) => places),
    groups: convolutions.map(({ group }) => group),
    masks: convolutions.flatMap(({ masks }) => masks),
    open: (memory, panels) => convolutions.forEach(({ open }) => open(memory, panels)),
    forward: (pass) => forward(block, pass),
    backward: (pass) => backward(block, pass),
  };
}

function forward(block: Residual, pass: Pass): void {
  const { first, second, skip, out } = block;
  const { kernels, span } = pass;
  first.forward(pass);
  second.forward(pass);
  skip?.forward(pass);
  for (let step = 0; step < out.steps; step += 1) {
    const own = at(out, second.out.at, step, pass);
    const skipped = skip ? at(out, skip.out.at, step, pass) : skippedAt(block, 'at', step, pass);
    kernels.addRectified(at(out, out.at, step, pass), own, skipped, (span.to - span.from) * out.stride);
  }
}

/** The step of the input that is added to a step of what is answered. */
function skippedAt(
  { input, out, stride }: Residual,
  of: 'at' | 'gradient',
  step: number,
  pass: Pass,
): number {
  return at(input, input[of], input.steps - 1 - (out.steps - 1 - step) * stride, pass);
}

function backward(block: Residual, pass: Pass): void {
  const { input, first, second, skip, out } = block;
  const { kernels, span } = pass;
  const count = span.to - span.from;
  for (let step = 0; step < out.steps; step += 1) {
    const d = at(out, out.gradient, step, pass);
    kernels.slopes(d, d, at(out, out.at, step, pass), count * out.stride);
  }
  clearGradient(first.out, pass);
  second.backward(pass, out.gradient);
  if (input.gradient !== 0) clearGradient(input, pass);
  first.backward(pass, first.out.gradient);
  if (skip) skip.backward(pass, out.gradient);
  else addSkipped(block, pass);
  turn(first.out, pass);
  turn(out, pass);
}

function addSkipped(block: Residual, pass: Pass): void {
  const { input, out } = block;
  const bytes = (pass.span.to - pass.span.from) * out.stride;
  for (let step = 0; input.gradient !== 0 && step < out.steps; step += 1)
    pass.kernels.add(skippedAt(block, 'gradient', step, pass), at(out, out.gradient, step, pass), bytes);
}
