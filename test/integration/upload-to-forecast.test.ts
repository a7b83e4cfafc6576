import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { get, post, upload } from '../support/http.ts';
import { listKeys, readJson } from '../support/objects.ts';
import { startStack, type RunningStack } from '../support/running-stack.ts';
import { hourlyCsv, QUICK_CONFIG } from '../support/series.ts';
import { tapTopic, type TopicTap } from '../support/topic-tap.ts';

const config = JSON.stringify(QUICK_CONFIG);
const HOUR_MS = 3_600_000;
const SOON = { timeout: 10_000 };

describe('an upload', () => {
  let stack: RunningStack;
  let selected: TopicTap;
  let results: TopicTap;

  beforeAll(async () => {
    stack = await startStack();
    [selected, results] = await Promise.all([
      tapTopic(stack.kafka, 'model-selected'),
      tapTopic(stack.kafka, 'inference-results'),
    ]);
  });
  afterAll(async () => {
    await Promise.all([selected?.close(), results?.close()]);
    await stack?.dispose();
  });

  /** Uploads and waits for the promotion of that very claim. */
  async function promoted(identifier: string, csv: string): Promise<Record<string, unknown>> {
    const before = selected.records.filter((record) => record.json['identifier'] === identifier).length;
    await upload(stack.url, `dataset/${identifier}.config.json`, config);
    const answer = await upload(stack.url, `dataset/${identifier}.csv`, csv);
    expect(answer.status).toBe(200);
    const fits = (record: { json: Record<string, unknown> }): boolean =>
      record.json['identifier'] === identifier &&
      selected.records.filter(({ json }) => json['identifier'] === identifier).indexOf(record as never) >=
        before;
    return (await selected.next(fits)).json;
  }

  /** Evaluate writes its status after the promotion is published. */
  const statusOf =
    (identifier: string): (() => Promise<Record<string, unknown>>) =>
    async () =>
      (await get(`${stack.url}/status/${encodeURIComponent(identifier)}`)).json;

  it('becomes a served forecast', { timeout: 90_000 }, async () => {
    const csv = hourlyCsv({ rows: 500 });
    const selection = await promoted('load', csv);
    const pointer = await readJson(stack.s3, 'model-promotion', 'load/current.json');
    expect(pointer).toMatchObject({
      run_id: selection['run_id'],
      model_uri: selection['model_uri'],
      identifier: 'load',
    });
    const { status, json } = await post(`${stack.url}/predict`, { identifier: 'load' });
    expect(status).toBe(200);
    expect(json).toMatchObject({
      status: 'SUCCESS',
      identifier: 'load',
      run_id: selection['run_id'],
      recursive_from_step: null,
    });
    const predictions = json['predictions'] as { ts: string; load: number; temperature: number }[];
    const last = Date.UTC(2024, 0, 1, 499);
    expect(predictions.map(({ ts }) => Date.parse(ts))).toEqual(
      Array.from({ length: 6 }, (_, step) => last + (step + 1) * HOUR_MS),
    );
    expect(predictions.every(({ load }) => load > 0 && load < 200)).toBe(true);
    expect((await post(`${stack.url}/predict`, { identifier: 'load' })).json['status']).toBe(
      'SUCCESS_CACHED',
    );
  });

  it('is told of, stage by stage', async () => {
    await expect.poll(statusOf('load'), SOON).toMatchObject({
      identifier: 'load',
      state: 'SUCCESS',
      stages: {
        preprocess: { state: 'SUCCESS' },
        train: { GRU: { state: 'SUCCESS' }, LSTM: { state: 'SUCCESS' }, PROPHET: { state: 'SUCCESS' } },
        evaluate: { state: 'SUCCESS' },
      },
    });
  });

  it('is forecast as a claim, and the line is recorded once', { timeout: 30_000 }, async () => {
    const line = await results.next(({ json }) => json['identifier'] === 'load');
    expect(line.json['line']).toMatchObject({
      identifier: 'load',
      promoted: true,
      status: expect.any(String),
    });
  });

  it('may have spaces, plus signs and unicode in its name', { timeout: 90_000 }, async () => {
    const identifier = 'Messreihe 1+2 — café';
    const selection = await promoted(identifier, hourlyCsv({ rows: 480, seed: 5 }));
    expect(selection['identifier']).toBe(identifier);
    const { status, json } = await post(`${stack.url}/predict`, { identifier, inference_length: 2 });
    expect([status, (json['predictions'] as unknown[]).length]).toEqual([200, 2]);
    await expect.poll(statusOf(identifier), SOON).toMatchObject({ state: 'SUCCESS' });
  });

  it('A, then B, then A again ends with A, reusing what A had', { timeout: 120_000 }, async () => {
    const [a, b] = [hourlyCsv({ rows: 480, seed: 7 }), hourlyCsv({ rows: 480, seed: 8 })];
    const first = await promoted('aba', a);
    const second = await promoted('aba', b);
    const third = await promoted('aba', a);
    expect(second['config_hash']).not.toBe(first['config_hash']);
    expect([third['config_hash'], third['run_id']]).toEqual([first['config_hash'], first['run_id']]);
    expect(third['claim_id']).not.toBe(first['claim_id']);
    expect(await readJson(stack.s3, 'model-promotion', 'aba/current.json')).toMatchObject({
      claim_id: third['claim_id'],
      run_id: first['run_id'],
    });
    const history = await listKeys(stack.s3, 'model-promotion', 'aba/');
    expect(history.filter((key) => key.includes('/promotion-'))).toHaveLength(3);
    await expect.poll(statusOf('aba'), SOON).toMatchObject({
      state: 'SUCCESS',
      stages: { preprocess: { reused: true }, train: { GRU: { reused: true } } },
    });
  });

  it('comes back as it went, through the gateway', async () => {
    const { status, text, headers } = await get(`${stack.url}/download/dataset/load.csv`);
    expect([status, text]).toEqual([200, hourlyCsv({ rows: 500 })]);
    expect(headers.get('etag')).toMatch(/^"[0-9a-f]{32}"$/u);
  });
});
