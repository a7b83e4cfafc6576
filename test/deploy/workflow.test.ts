import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readComposeFile, readYaml } from './compose-file.ts';

const step = z.strictObject({
  id: z.string().optional(),
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
      services: z
        .record(
          z.string(),
          z.strictObject({
            image: z.string(),
            ports: z.array(z.string()),
            env: z.record(z.string(), z.string()),
            options: z.string(),
          }),
        )
        .optional(),
      env: z.record(z.string(), z.string()).optional(),
      steps: z.array(step),
    }),
  ),
});

const { jobs } = workflow.parse(readYaml('.github/workflows/ci.yml'));
const steps = Object.values(jobs).flatMap((job) => job.steps);

const isCache = ({ uses = '' }: { uses?: string | undefined }): boolean => uses.startsWith('actions/cache@');

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
        'npm run test:services -- --running',
        'docker compose config --quiet',
      ]),
    );
  });

  it('takes service containers of the images that docker-compose.yml has, and names where they are', () => {
    const { services = {}, env } = jobs['containers'] ?? {};
    const composed = readComposeFile().services;
    expect(Object.entries(services).map(([name, { image }]) => [name, image])).toEqual(
      ['kafka', 'postgres'].map((name) => [name, composed[name]?.image]),
    );
    const { POSTGRES_USER = '', POSTGRES_PASSWORD = '', POSTGRES_DB = '' } = services['postgres']?.env ?? {};
    expect(env).toMatchObject({
      KAFKA_BOOTSTRAP_SERVERS: services['kafka']?.env['KAFKA_ADVERTISED_LISTENERS']?.replace('HOST://', ''),
      POSTGRES_URI: `postgresql://${POSTGRES_USER}:${POSTGRES_PASSWORD}@127.0.0.1:5432/${POSTGRES_DB}`,
    });
  });

  it('keeps installed services for the very Python whose links are in them', () => {
    const caching = Object.values(jobs).filter((job) => job.steps.some(isCache));
    expect(caching).toHaveLength(2);
    for (const job of caching) {
      const [python, cache] = [
        job.steps.findIndex(({ id }) => id === 'python'),
        job.steps.findIndex(isCache),
      ];
      expect(job.steps[python]?.uses).toMatch(/^actions\/setup-python@/u);
      expect(python).toBeLessThan(cache);
      expect(job.steps[cache]?.with?.['key']).toContain('${{ steps.python.outputs.python-version }}');
    }
  });
});
