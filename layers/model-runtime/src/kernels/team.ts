import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import {
  evaluateBatch,
  openBatch,
  trainBatch,
  type Batch,
  type BatchSettings,
  type Member,
} from './batch.ts';
import { meet, MEETING_WORDS } from './meeting.ts';
import type { Network } from './network.ts';
import { instantiate } from './wasm.ts';
import { layoutOf, type LayoutOf } from './layout.ts';

/** What a thread of a team is started with. */
export interface TeamSetup {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly plan: LayoutOf;
  readonly settings: BatchSettings;
  readonly words: Int32Array;
  readonly orders: Float64Array;
  readonly members: number;
}

export type Order = 'train' | 'evaluate';
const ORDERS: readonly Order[] = ['train', 'evaluate'];

/** Threads that work on one batch at a time, the caller's among them. */
export interface Team {
  readonly network: Network;
  /** Runs in this thread for as long as the batch takes. */
  work(order: Order, batch: Batch): void;
  close(): Promise<void>;
}

/** Starts `members - 1` threads; work() waits for them when it is first called. */
export function assembleTeam(setup: Omit<TeamSetup, 'words' | 'orders'>): Team {
  const words = new Int32Array(new SharedArrayBuffer(4 * MEETING_WORDS));
  const orders = new Float64Array(new SharedArrayBuffer(8 * 5));
  const whole = { ...setup, words, orders };
  const filename = createRequire(import.meta.url).resolve('@flts/model-runtime/team-thread');
  const others = Array.from({ length: setup.members - 1 }, (_, index) => {
    const thread = new Worker(filename, { workerData: { setup: whole, index: index + 1 } });
    thread.unref();
    return thread;
  });
  const network = networkOf(setup);
  const lead = memberOf(whole, 0);
  return {
    network,
    work: (order, batch) => {
      openBatch(network, batch.count);
      orders.set([ORDERS.indexOf(order), batch.start, batch.count, batch.key, batch.learningRate]);
      lead.meet();
      perform(network, whole, lead);
      lead.meet();
    },
    close: async () => {
      await Promise.all(others.map((thread) => thread.terminate()));
    },
  };
}

/** The whole life of a thread that follows: one order after the other, until it is ended. */
export function follow(setup: TeamSetup, index: number): void {
  const network = networkOf(setup);
  const member = memberOf(setup, index);
  for (;;) {
    member.meet();
    perform(network, setup, member);
    member.meet();
  }
}

function networkOf({ module, memory, plan }: Omit<TeamSetup, 'words' | 'orders'>): Network {
  return { kernels: instantiate(module, memory), memory, layout: layoutOf(plan) };
}

function memberOf({ words, members }: TeamSetup, index: number): Member {
  return { index, members, meet: members === 1 ? () => {} : () => meet(words, members) };
}

function perform(network: Network, { orders, settings }: TeamSetup, member: Member): void {
  const [order = 0, start = 0, count = 0, key = 0, learningRate = 0] = orders;
  const run = ORDERS[order] === 'train' ? trainBatch : evaluateBatch;
  run(network, settings, { start, count, key, learningRate }, member);
}
