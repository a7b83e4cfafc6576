import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hourlyCsv, QUICK_CONFIG } from '../support/series.ts';
import { EVERY_REQUEST, KILLING_MS, MOMENT } from '../support/crash-moments.ts';
import { startCrashWorld, uploadEvent, type CrashWorld } from '../support/crash-world.ts';
import { tapTopic, type TopicTap } from '../support/topic-tap.ts';
import { killAtEveryRequest } from './every-request.ts';

describe(`preprocess, killed at every ${MOMENT} and delivered again`, () => {
  let world: CrashWorld;
  let claims: TopicTap;

  beforeAll(async () => {
    world = await startCrashWorld();
    claims = await tapTopic(world.kafka, 'training-data');
  });
  afterAll(async () => {
    await claims?.close();
    await world?.close();
  });

  it('ends with one complete dataset and its claim published', { timeout: KILLING_MS }, async () => {
    const kills = await killAtEveryRequest(world, {
      stage: 'preprocess',
      prepare: async (nth) => {
        const body = hourlyCsv({ rows: 300 });
        await world.storage.putJson('dataset', `p${nth}.config.json`, QUICK_CONFIG);
        const stored = await world.storage.put('dataset', `p${nth}.csv`, body);
        return uploadEvent(`p${nth}.csv`, stored.written ? stored.etag : '', body.length);
      },
      verify: async (nth) => {
        const claim = (await claims.next(({ key }) => key === `p${nth}`)).json;
        const folder = `p${nth}/${String(claim['config_hash'])}`;
        const keys: string[] = [];
        for await (const { key } of world.storage.list('processed-data', `${folder}/`)) keys.push(key);
        expect(keys).toEqual(
          ['meta.json', 'report.json', 'scaler.json', 'test.parquet', 'train.parquet'].map(
            (name) => `${folder}/${name}`,
          ),
        );
        const published = claims.records.filter(({ key }) => key === `p${nth}`);
        expect(new Set(published.map(({ json }) => JSON.stringify({ ...json, produced_at: '' }))).size).toBe(
          1,
        );
      },
    });
    expect(kills).toBeGreaterThan(8);
  });

  it(
    'ends with each group’s dataset and one claim of each, where it splits a file',
    { timeout: KILLING_MS },
    async () => {
      const kills = await killAtEveryRequest(world, {
        stage: 'preprocess',
        at: aroundGroups,
        prepare: async (nth) => {
          const body = grouped(hourlyCsv({ rows: 120 }));
          const settings = { ...QUICK_CONFIG, GROUP_COLUMN: 'site' };
          await world.storage.putJson('dataset', `g${nth}.config.json`, settings);
          const stored = await world.storage.put('dataset', `g${nth}.csv`, body);
          return uploadEvent(`g${nth}.csv`, stored.written ? stored.etag : '', body.length);
        },
        verify: async (nth) => {
          for (const identifier of [`g${nth}-a`, `g${nth}-b`]) {
            const claim = (await claims.next(({ key }) => key === identifier)).json;
            const folder = `${identifier}/${String(claim['config_hash'])}`;
            expect(await world.storage.head('processed-data', `${folder}/meta.json`)).toBeDefined();
            const published = claims.records.filter(({ key }) => key === identifier);
            expect(
              new Set(published.map(({ json }) => JSON.stringify({ ...json, produced_at: '' }))).size,
            ).toBe(1);
          }
        },
      });
      expect(kills).toBeGreaterThan(EVERY_REQUEST ? 30 : 14);
    },
  );
});

/**
 * A group is made as a file of its own is, one after the other: what a split adds is how it begins, how it goes from the first
 * group to the second, and how it ends.
 */
function aroundGroups(writes: number): number[] {
  const half = Math.round(writes / 2);
  const all = Array.from({ length: writes }, (_, index) => index + 1);
  return all.filter((nth) => nth <= 4 || Math.abs(nth - half) <= 3 || nth > writes - 4);
}

/** Each row for two sites. */
function grouped(csv: string): string {
  const [header = '', ...lines] = csv.trimEnd().split('\n');
  return [`${header},site`, ...lines.flatMap((line) => [`${line},a`, `${line},b`])].join('\n');
}
