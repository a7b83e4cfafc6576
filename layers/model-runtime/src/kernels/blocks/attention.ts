import { FLOAT, reserveSequence, type Plan, type Sequence } from '../plan.ts';
import { padded } from '../shape.ts';
import { clearGradient, turn, writeStruct, type Pass } from './block.ts';

export interface AttentionOf {
  /** [head][width] of each step that asks. */
  readonly queries: Sequence;
  /** [head][width] of keys, then of values, of each step that is asked. */
  readonly keys: Sequence;
  readonly heads: number;
  /** Features of a head, padded. */
  readonly width: number;
}

/** Attention in memory; kernels/attention.ts has the equations. It has no weights. */
export interface Attention {
  /** What each query is answered, laid out as the queries. */
  readonly out: Sequence;
  readonly open: (memory: WebAssembly.Memory, panels: number) => void;
  readonly forward: (pass: Pass) => void;
  /** From the gradients with respect to the answers to those of queries, keys and values, in place of what lay there. */
  readonly backward: (pass: Pass) => void;
}

/** The struct Attention of kernels/attention.ts, in its order. */
const FIELDS = [
  ...(['queries', 'steps', 'panels', 'lanes', 'heads', 'width', 'q', 'qStride', 'dq'] as const),
  ...(['kv', 'kvStride', 'dkv', 'c', 'dc', 'p', 'pBytes', 'scratch'] as const),
] as const;

export function attention(plan: Plan, { queries, keys, heads, width }: AttentionOf): Attention {
  const { panels, lanes, reserve, reserveToTrain } = plan;
  const out = reserveSequence(plan, { steps: queries.steps, features: queries.features });
  const pBytes = padded(keys.steps) * lanes * FLOAT;
  const fields = {
    queries: queries.steps,
    steps: keys.steps,
    panels,
    lanes,
    heads,
    width,
    q: queries.at,
    qStride: queries.stride,
    dq: queries.gradient,
    kv: keys.at,
    kvStride: keys.stride,
    dkv: keys.gradient,
    c: out.at,
    dc: out.gradient,
    p: reserve(queries.steps * panels * heads * pBytes),
    pBytes,
    scratch: reserveToTrain(panels * pBytes),
  };
  const address = reserve(FIELDS.length * FLOAT);
  return {
    out,
    open: (memory, of) => writeStruct(memory, address, FIELDS, { ...fields, panels: of }),
    forward: ({ kernels, span }) => kernels.attentionForward(address, span.from, span.to),
    backward: (pass) => {
      const { kernels, span } = pass;
      clearGradient(keys, pass);
      kernels.attentionBackward(address, span.from, span.to);
      turn(out, pass);
    },
  };
}
