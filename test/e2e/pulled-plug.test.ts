import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { upload } from '../support/http.ts';
import { listKeys, readJson, resultLines } from '../support/objects.ts';
import { startStack, type RunningStack } from '../support/running-stack.ts';
import { hourlyCsv, QUICK_CONFIG } from '../support/series.ts';
import { tapTopic } from '../support/topic-tap.ts';

/** What has just happened when everything is killed. */
const moments: readonly { name: string; topic: string; fits: (json: Record<string, unknown>) => boolean }[] =
  [
    { name: 'the upload was notified', topic: 's3-notifications', fits: () => true },
    { name: 'the claim was published', topic: 'training-data', fits: () => true },
    { name: 'a training started', topic: 'model-training', fits: ({ status }) => status === 'RUNNING' },
    { name: 'a training ended', topic: 'model-training', fits: ({ status }) => status === 'SUCCESS' },
    { name: 'a model was promoted', topic: 'model-selected', fits: () => true },
  ];

describe('SIGKILL of everything at five moments after one upload', () => {
  const identifier = 'plug';
  let stack: RunningStack;

  beforeAll(async () => {
    stack = await startStack();
    await upload(stack.url, `dataset/${identifier}.config.json`, JSON.stringify(QUICK_CONFIG));
    await upload(stack.url, `dataset/${identifier}.csv`, hourlyCsv({ rows: 480 }));
  });
  afterAll(async () => {
    await stack?.dispose();
  });

  it.each(moments)(
    'goes on after the plug was pulled when $name',
    { timeout: 120_000 },
    async ({ topic, fits }) => {
      const tap = await tapTopic(stack.kafka, topic);
      await tap.next(({ json }) => fits(json));
      await stack.kill();
      await tap.close();
      stack = await startStack({ former: stack });
      expect((await fetch(`${stack.url}/healthz`)).status).toBe(200);
    },
  );

  it(
    'ends with the upload promoted once and no line of results.jsonl double',
    { timeout: 120_000 },
    async () => {
      const [selected, results] = await Promise.all([
        tapTopic(stack.kafka, 'model-selected'),
        tapTopic(stack.kafka, 'inference-results'),
      ]);
      const { json } = await selected.next(() => true);
      await results.next(({ json: { claim_id } }) => claim_id === json['claim_id']);
      await expect.poll(() => resultLines(stack.s3, identifier), { timeout: 30_000 }).not.toEqual([]);
      await Promise.all([selected.close(), results.close()]);
      expect(await readJson(stack.s3, 'model-promotion', `${identifier}/current.json`)).toMatchObject({
        promotion_id: json['promotion_id'],
      });
      const history = (await listKeys(stack.s3, 'model-promotion', `${identifier}/`)).filter((key) =>
        key.includes('/promotion-'),
      );
      expect(history).toHaveLength(1);
      const keys = (await resultLines(stack.s3, identifier)).map(
        ({ run_id, metrics }) => `${String(run_id)} ${String(Object(metrics).prediction_hash)}`,
      );
      expect(keys).toEqual([...new Set(keys)]);
      expect(new Set(selected.records.map((record) => record.json['promotion_id'])).size).toBe(1);
    },
  );
});
