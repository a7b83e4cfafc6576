import { expect } from 'vitest';
import { EVERY_REQUEST, MOMENT } from '../support/crash-moments.ts';
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
  /** Which writes to kill at, of as many as an unharmed run makes; default: every one. Every request is every one. */
  readonly at?: (writes: number) => readonly number[];
  /** Makes what the nth trial needs and returns its event; trials share nothing that the stage writes. */
  readonly prepare: (nth: number) => Promise<unknown>;
  /** What must be there once after the second delivery, whatever the first one came to. */
  readonly verify: (nth: number) => Promise<void>;
}

/**
 * Kills the stage at its 1st, 2nd, 3rd … moment (crash-moments.ts), or those that `at` names, and delivers again each time.
 * Returns the number of kills.
 */
export async function killAtEveryRequest(world: CrashWorld, of: CrashOf): Promise<number> {
  const moments = EVERY_REQUEST ? undefined : of.at?.(await runUnharmed(world, of));
  if (moments !== undefined) {
    for (const nth of moments) await killAt(world, of, nth);
    return moments.length;
  }
  for (let nth = 1; nth <= MOST_REQUESTS; nth += 1) if (!(await killAt(world, of, nth))) return nth - 1;
  throw new Error(`expected ${of.stage} to end within ${MOST_REQUESTS} requests`);
}

/** How many moments that has. */
async function runUnharmed(
  world: CrashWorld,
  { stage, environment = {}, isHurried = false, prepare, verify }: CrashOf,
): Promise<number> {
  const { result, log } = await world.deliver(stage, await prepare(0), { environment, isHurried });
  expect(NOTHING_FAILED, log).toContainEqual(result);
  const writes = world.proxy.count();
  await verify(0);
  return writes;
}

/** Whether it was killed: it had not so many moments where not. */
async function killAt(
  world: CrashWorld,
  { stage, environment = {}, isHurried = false, prepare, verify }: CrashOf,
  nth: number,
): Promise<boolean> {
  const event = await prepare(nth);
  const first = await world.deliver(stage, event, { killAt: nth, environment, isHurried });
  if (first.killed) {
    world.advance(LEASE_OVER_MS);
    const second = await world.deliver(stage, event, { environment });
    expect(NOTHING_FAILED, `killed at ${MOMENT} ${nth}, delivered again: ${second.log}`).toContainEqual(
      second.result,
    );
  } else expect(NOTHING_FAILED, first.log).toContainEqual(first.result);
  await verify(nth);
  return first.killed;
}
