import { CODES } from '../errors.ts';
import type { BatchHeader } from '../protocol/record-batch.ts';

const KEPT_BATCHES = 5;
const SEQUENCES = 2 ** 31;

interface State {
  epoch: number;
  batches: { readonly first: number; readonly last: number; readonly offset: bigint }[];
}

export type Verdict =
  | { readonly kind: 'append' }
  | { readonly kind: 'duplicate'; readonly offset: bigint }
  | { readonly kind: 'refuse'; readonly code: number };

/** What each idempotent producer wrote last to one partition: epoch and its last five batches. */
export interface ProducerStates {
  judge(header: BatchHeader): Verdict;
  record(header: BatchHeader, offset: bigint): void;
  /** Whether it is one of its producer's last batches. */
  isRecent(header: BatchHeader): boolean;
}

export function createProducerStates(): ProducerStates {
  const states = new Map<bigint, State>();
  return {
    judge: (header) => {
      const state = states.get(header.producerId);
      // A producer that this partition has never seen may begin with any sequence.
      if (header.producerId < 0n || state === undefined) return { kind: 'append' };
      if (header.producerEpoch < state.epoch) return { kind: 'refuse', code: CODES.INVALID_PRODUCER_EPOCH };
      if (header.producerEpoch > state.epoch)
        return header.baseSequence === 0
          ? { kind: 'append' }
          : { kind: 'refuse', code: CODES.OUT_OF_ORDER_SEQUENCE_NUMBER };
      const same = state.batches.find(
        ({ first, last }) => first === header.baseSequence && last === lastSequence(header),
      );
      if (same !== undefined) return { kind: 'duplicate', offset: same.offset };
      const expected = ((state.batches.at(-1)?.last ?? -1) + 1) % SEQUENCES;
      return header.baseSequence === expected
        ? { kind: 'append' }
        : { kind: 'refuse', code: CODES.OUT_OF_ORDER_SEQUENCE_NUMBER };
    },
    isRecent: (header) => {
      const state = states.get(header.producerId);
      return (
        state?.epoch === header.producerEpoch &&
        state.batches.some(
          ({ first, last }) => first === header.baseSequence && last === lastSequence(header),
        )
      );
    },
    record: (header, offset) => {
      if (header.producerId < 0n) return;
      const known = states.get(header.producerId);
      const state: State =
        known?.epoch === header.producerEpoch ? known : { epoch: header.producerEpoch, batches: [] };
      state.batches = [
        ...state.batches,
        { first: header.baseSequence, last: lastSequence(header), offset },
      ].slice(-KEPT_BATCHES);
      states.set(header.producerId, state);
    },
  };
}

function lastSequence(header: BatchHeader): number {
  return (header.baseSequence + header.lastOffsetDelta) % SEQUENCES;
}
