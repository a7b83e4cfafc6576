import { GetObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { get, post, upload } from '../support/http.ts';
import { listKeys } from '../support/objects.ts';
import { plainTfjsForecast } from '../support/plain-tfjs.ts';
import { startStack, type RunningStack } from '../support/running-stack.ts';
import { hourlyCsv, QUICK_CONFIG } from '../support/series.ts';
import { tapTopic, type TopicTap } from '../support/topic-tap.ts';

const ROWS = 500;
const TARGETS = ['load', 'temperature'];
const [first, ...rows] = hourlyCsv({ rows: ROWS }).trimEnd().split('\n');
const window = rows.slice(-QUICK_CONFIG.INPUT_SEQ_LEN).map((row) => row.split(','));
const times = window.map(([time = '']) => time);
const columns = Object.fromEntries(
  TARGETS.map((name, index) => [name, window.map((cells) => Number(cells[index + 1]))]),
);

/** The models that are trained where a claim asks for them. */
describe.each(['TCN', 'ED_LSTM', 'TETS'])('an upload that expects %s', (type) => {
  const identifier = `expects-${type.toLowerCase()}`;
  let stack: RunningStack;
  let selected: TopicTap;
  let runId: unknown;

  beforeAll(async () => {
    stack = await startStack();
    selected = await tapTopic(stack.kafka, 'model-selected');
  });
  afterAll(async () => {
    await selected?.close();
    await stack?.dispose();
  });

  async function artifact(path: string): Promise<Uint8Array> {
    const keys = await listKeys(stack.s3, 'mlflow');
    const Key = keys.find((key) => key.includes(String(runId)) && key.endsWith(`/artifacts/${path}`));
    const stored = await stack.s3.send(new GetObjectCommand({ Bucket: 'mlflow', Key }));
    return (await stored.Body?.transformToByteArray()) ?? new Uint8Array();
  }
  const json = async (path: string) => JSON.parse(Buffer.from(await artifact(path)).toString());

  it('trains and promotes it, and no other model', { timeout: 90_000 }, async () => {
    const config = { ...QUICK_CONFIG, EPOCHS: 4, EXPECTED_MODEL_TYPES: [type], PROMOTION_GATE: 'none' };
    await upload(stack.url, `dataset/${identifier}.config.json`, JSON.stringify(config));
    await upload(stack.url, `dataset/${identifier}.csv`, [first, ...rows, ''].join('\n'));
    const selection = await selected.next((record) => record.json['identifier'] === identifier);
    expect(selection.json).toMatchObject({ model_type: type });
    runId = selection.json['run_id'];
    await expect
      .poll(async () => (await get(`${stack.url}/status/${identifier}`)).json, { timeout: 10_000 })
      .toMatchObject({
        state: 'SUCCESS',
        stages: { train: { [type]: { state: 'SUCCESS', run_id: runId } } },
      });
    const { json: status } = await get(`${stack.url}/status/${identifier}`);
    expect(Object.keys(Object(Object(status['stages'])['train']))).toEqual([type]);
  });

  it('answers POST /predict with it as plain TF.js does', { timeout: 60_000 }, async () => {
    const data = { time: times, ...columns };
    const { status, json: answer } = await post(`${stack.url}/predict`, { identifier, data });
    expect([status, answer['model_type'], answer['run_id']]).toEqual([200, type, runId]);
    const scaler = await json('scaler/scaler.json');
    const expected = await plainTfjsForecast({
      model: await json(`${type}/model.json`),
      weights: await artifact(`${type}/weights.bin`),
      scaler,
      times: times.map((time) => Date.parse(time)),
      columns,
      targets: TARGETS,
    });
    const predictions = answer['predictions'] as Record<string, number>[];
    expect(predictions).toHaveLength(QUICK_CONFIG.OUTPUT_SEQ_LEN);
    for (const [step, row] of predictions.entries()) {
      for (const [index, name] of TARGETS.entries()) {
        const y = expected[step]?.[index] ?? Number.NaN;
        // The scaler divides by the standard deviation of fit.
        const tolerance = 1e-5 * Math.abs(y) + 1e-5 * scaler.columns[name].scale;
        expect(Math.abs((row[name] ?? Number.NaN) - y)).toBeLessThanOrEqual(tolerance);
      }
    }
  });
});
