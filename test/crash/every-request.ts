import { expect } from 'vitest';
import type { CrashWorld } from '../support/crash-world.ts';

const NOTHING_FAILED = [null, { batchItemFailures: [] }];
/** More than a stage's lease lives. */
const LEASE_OVER_MS = 31_000;
/** No stage sends as many requests; a loop that never ends would. */
const MOST_REQUESTS = 150;

export interface CrashOf {
  readonly stage: string;
  readonly environment?: Record<string, string>;
  /** Whether the stage that is killed is told that no time remains. */
  readonly isHurried?: boolean;
  /** Makes what the nth trial needs and returns its event; trials share nothing that the stage writes. */
  readonly prepare: (nth: number) => Promise<unknown>;
  /** What must be there once after the second delivery, whatever the first one came to. */
  readonly verify: (nth: number) => Promise<void>;
}

/** Kills the stage at its 1st, 2nd, 3rd … write to a service (at a read nothing has changed) and delivers again, until it ends unharmed. Returns the number of kills. */
export async function killAtEveryRequest(
  world: CrashWorld,
  { stage, environment = {}, isHurried = false, prepare, verify }: CrashOf,
): Promise<number> {
  for (let nth = 1; nth <= MOST_REQUESTS; nth += 1) {
    const event = await prepare(nth);
    const first = await world.deliver(stage, event, { killAt: nth, environment, isHurried });
    if (!first.killed) {
      expect(NOTHING_FAILED, first.log).toContainEqual(first.result);
      await verify(nth);
      return nth - 1;
    }
    world.advance(LEASE_OVER_MS);
    const second = await world.deliver(stage, event, { environment });
    expect(NOTHING_FAILED, `killed at write ${nth}, delivered again: ${second.log}`).toContainEqual(
      second.result,
    );
    await verify(nth);
  }
  throw new Error(`expected ${stage} to end within ${MOST_REQUESTS} writes`);
}
