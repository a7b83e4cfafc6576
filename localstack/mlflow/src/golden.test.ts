import { DEFAULT_CREDENTIALS, startS3 } from '@flts/s3';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startMlflow } from './server.ts';
import { OUT_OF_SUBSET } from './testing/golden-exceptions.ts';
import { PLAN, type Step } from './testing/golden-plan.ts';
import { compare, prepare, type Comparison, type GoldenWorld } from './testing/golden-run.ts';
import { Names, type Recording } from './testing/recording.ts';

/** Recorded from a real server; they lie beside the repository, and not everywhere. */
const RECORDED = join(import.meta.dirname, '../../../../shared/fixtures/mlflow');
const OWN = join(import.meta.dirname, 'testing/own-recordings.json');

const recorded = readRecorded();
const own: Recording[] = JSON.parse(readFileSync(OWN, 'utf8'));
const recordings = new Map([...recorded, ...own].map((recording) => [recording.name, recording]));
const steps = [...(recorded.length > 0 ? PLAN : []), ...own.map(({ name }) => name)];

function readRecorded(): Recording[] {
  if (existsSync(RECORDED))
    return readdirSync(RECORDED).map((file) => ({
      ...JSON.parse(readFileSync(join(RECORDED, file), 'utf8')),
      name: file.replace(/\.json$/u, ''),
    }));
  console.log('shared/fixtures/mlflow is absent: replaying the few recordings of our own making alone');
  return [];
}

let folder: string;
let world: GoldenWorld;
let now = 1_800_000_000_000;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'flts-golden-'));
  const s3 = await startS3({ directory: join(folder, 's3'), port: 0, buckets: ['mlflow'] });
  const mlflow = await startMlflow({
    directory: join(folder, 'mlflow'),
    port: 0,
    s3: { endpoint: s3.endpoint, credentials: DEFAULT_CREDENTIALS },
    now: () => (now += 1),
  });
  world = { s3, mlflow, names: new Names() };
});
afterAll(async () => {
  await world.mlflow.close();
  await world.s3.close();
  rmSync(folder, { recursive: true, force: true });
});

function titled(step: Step): { title: string; step: Step } {
  return {
    title: typeof step === 'string' ? step : `(before the next: ${Object.keys(step).join(' ')})`,
    step,
  };
}

async function perform(step: Step): Promise<Comparison> {
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
