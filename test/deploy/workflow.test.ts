import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readYaml } from './compose-file.ts';

const step = z.strictObject({
  uses: z.string().optional(),
  with: z.record(z.string(), z.unknown()).optional(),
  run: z.string().optional(),
  if: z.string().optional(),
});
const workflow = z.strictObject({
  name: z.string(),
  on: z.record(z.string(), z.unknown()),
  permissions: z.strictObject({ contents: z.literal('read') }),
  concurrency: z.record(z.string(), z.unknown()),
  jobs: z.record(
    z.string(),
    z.strictObject({
      name: z.string(),
      'runs-on': z.string(),
      'timeout-minutes': z.int(),
      strategy: z.unknown().optional(),
      env: z.record(z.string(), z.string()).optional(),
      steps: z.array(step),
    }),
  ),
});

const { jobs } = workflow.parse(readYaml('.github/workflows/ci.yml'));
const steps = Object.values(jobs).flatMap((job) => job.steps);

describe('the workflow', () => {
  it('pins every action and every runner', () => {
    const actions = steps.flatMap(({ uses = [] }) => uses);
    expect(actions.filter((action) => !/^actions\/[a-z-]+@v\d+\.\d+\.\d+$/u.test(action))).toEqual([]);
    expect(Object.values(jobs).map((job) => job['runs-on'])).toEqual(
      Object.keys(jobs).map(() => 'ubuntu-24.04'),
    );
  });

  it('runs the tests on Node 20, 22 and 24, the checks, and the suites on real services', () => {
    expect(jobs['test']?.strategy).toMatchObject({ matrix: { node: ['20', '22', '24'] } });
    const commands = steps.flatMap(({ run = [] }) => run);
    expect(commands).toEqual(
      expect.arrayContaining([
        'npm test',
        'npm run check',
        'npm run test:crash',
        'npm run test:services',
        'docker compose config --quiet',
      ]),
    );
  });
});
