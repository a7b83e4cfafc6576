import { reserveSequence, type Plan, type Sequence } from '../plan.ts';
import { at, clearGradient, turn, type Pass, type SequenceBlock } from './block.ts';

/** The last step of a sequence, so many times: the gradient with respect to it is the sum over them. */
export function repeatLast(plan: Plan, input: Sequence, steps: number): SequenceBlock {
  const out = reserveSequence(plan, { steps, features: input.features });
  return {
    places: [],
    groups: [],
    masks: [],
    out,
    forward: (pass) => {
      for (let step = 0; step < steps; step += 1)
        pass.kernels.copy(at(out, out.at, step, pass), lastOf(input, input.at, pass), bytesOf(input, pass));
    },
    backward: (pass) => {
      const { kernels } = pass;
      const bytes = bytesOf(input, pass);
      clearGradient(input, pass);
      for (let step = 0; step < steps; step += 1)
        kernels.add(lastOf(input, input.gradient, pass), at(out, out.gradient, step, pass), bytes);
      turn(out, pass);
    },
  };
}

function lastOf(input: Sequence, start: number, pass: Pass): number {
  return at(input, start, input.steps - 1, pass);
}

function bytesOf({ stride }: Sequence, { span }: Pass): number {
  return (span.to - span.from) * stride;
}
