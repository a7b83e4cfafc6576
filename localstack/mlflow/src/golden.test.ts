import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OUT_OF_SUBSET } from './testing/golden-exceptions.ts';
import { PLAN, type Step } from './testing/golden-plan.ts';
import { compare, prepare, type Comparison } from './testing/golden-run.ts';
import { startGoldenWorld, type GoldenWorld } from './testing/golden-world.ts';
import type { Recording } from './testing/recording.ts';

/** Recorded from a real server; they lie beside the repository, and not everywhere. */
const RECORDED = join(import.meta.dirname, '../../../../shared/fixtures/mlflow');
const OWN = join(import.meta.dirname, 'testing/own-recordings.json');

const recorded = readRecorded();
const own: Recording[] = JSON.parse(readFileSync(OWN, 'utf8'));
const recordings = new Map([...recorded, ...own].map((recording) => [recording.name, recording]));
const plan = recorded.length > 0 ? PLAN : [];
const stopAt = plan.findIndex((step) => typeof step === 'object' && 'stop' in step);
/** What needs the object store gone; the real one's is not ours to stop. */
const withoutStore = new Set(stopAt < 0 ? [] : plan.slice(stopAt));
const steps = [
  ...plan.slice(0, plan.length - withoutStore.size),
  ...own.map(({ name }) => name),
  ...withoutStore,
];

function readRecorded(): Recording[] {
  if (existsSync(RECORDED))
    return readdirSync(RECORDED).map((file) => ({
      ...JSON.parse(readFileSync(join(RECORDED, file), 'utf8')),
      name: file.replace(/\.json$/u, ''),
    }));
  console.log('shared/fixtures/mlflow is absent: replaying our own recordings alone');
  return [];
}

let world: GoldenWorld;

beforeAll(async () => {
  world = await startGoldenWorld();
});
afterAll(() => world?.close());

function titled(step: Step): { title: string; step: Step } {
  return {
    title: typeof step === 'string' ? step : `(before the next: ${Object.keys(step).join(' ')})`,
    step,
  };
}

async function perform(step: Step): Promise<Comparison> {
  if (world.isReal && withoutStore.has(step)) return { came: 'left out', expected: 'left out' };
  if (typeof step !== 'string') {
    await prepare(world, step);
    return { came: 'prepared', expected: 'prepared' };
  }
  const recording = recordings.get(step);
  if (recording === undefined) throw new Error(`expected a recording ${step}, got none`);
  return compare(world, recording);
}

describe('a recorded answer comes from here as well', () => {
  // They build on one another, in this order.
  it.each(steps.map(titled))('$title', async ({ step }) => {
    const { came, expected } = await perform(step);
    expect(came).toEqual(expected);
  });

  it('or its recording is out of the subset for a reason', () => {
    const planned = new Set(steps);
    const unaccounted = [...recordings.keys()].filter(
      (name) => !planned.has(name) && !OUT_OF_SUBSET.some((group) => group.names.test(name)),
    );
    expect(unaccounted).toEqual([]);
  });
});
