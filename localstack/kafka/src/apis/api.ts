import type { Group } from '../groups/group.ts';
import type { OffsetStore } from '../groups/offset-store.ts';
import type { TopicStore } from '../log/topic-store.ts';
import type { Reader } from '../protocol/reader.ts';
import type { Writer } from '../protocol/writer.ts';

export const NODE_ID = 1;
export const CLUSTER_ID = 'flts-development';

/** What the handlers of all APIs work on. */
export interface BrokerState {
  readonly topics: TopicStore;
  readonly offsets: OffsetStore;
  /** The group of this id, made where missing. */
  group(id: string): Group;
  readonly groups: ReadonlyMap<string, Group>;
  dropGroup(id: string): void;
  /** Waiting fetches look again. */
  appended(): void;
  /** Resolves with the next append, or after `ms`. */
  nextAppend(ms: number): Promise<void>;
  nextProducerId(): bigint;
  readonly advertised: { readonly host: string; readonly port: number };
  readonly autoCreateTopics: boolean;
  readonly defaultPartitions: number;
  readonly closing: () => boolean;
}

export interface RequestOf {
  readonly version: number;
  readonly clientId: string;
  readonly host: string;
  readonly connected: () => boolean;
}

/** One API of the protocol: the versions it is offered in, and what answers it. */
export interface Api {
  readonly key: number;
  readonly min: number;
  readonly max: number;
  /** `false` where no answer is due (acks 0). */
  readonly handle: (
    reader: Reader,
    writer: Writer,
    state: BrokerState,
    request: RequestOf,
  ) => void | false | Promise<void | false>;
}

/** The topic, made where it is missing and that is allowed. */
export function topicFor(state: BrokerState, name: string, mayCreate: boolean): number {
  if (state.topics.get(name) !== undefined) return 0;
  if (!mayCreate || !state.autoCreateTopics) return 3;
  return state.topics.create(name, state.defaultPartitions);
}
