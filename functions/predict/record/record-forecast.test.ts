import { beforeAll, describe, expect, it } from 'vitest';
import { inferenceResult, type InferenceResult } from '../../shared/messages/schema.ts';
import type { Services } from '../../shared/services.ts';
import { BUCKETS, TOPICS } from '../../shared/topics.ts';
import {
  createWorld,
  dataOf,
  functionOver,
  IDENTIFIER,
  SEASON,
  sourceRow,
  timeOf,
  type World,
} from '../testing/world.ts';

describe('a forecast over HTTP', () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld('SEASONAL_NAIVE');
  });

  const lines = (): InferenceResult[] =>
    world.publisher
      .messages(TOPICS.inferenceResults)
      .splice(0)
      .map((each) => inferenceResult.parse(each));

  async function recordedBy(body: unknown, requestId: string): Promise<InferenceResult | undefined> {
    const { predict } = functionOver(world);
    expect((await predict(body, { headers: { 'x-request-id': requestId } })).status).toBe(200);
    return lines().find(({ line }) => line.req_id === requestId);
  }

  it('is published as a line before the answer, with the truth where it is stored', async () => {
    const result = await recordedBy({ data: dataOf(100, 144), inference_length: 4 }, 'r-truth');
    const at = new Date(world.clock.now).toISOString();
    const { claim_id, line, ...envelope } = result ?? {};
    expect(envelope).toEqual({
      v: 1,
      identifier: IDENTIFIER,
      config_hash: world.training.config_hash,
      claimed_at: at,
      produced_at: at,
    });
    expect(claim_id).toMatch(/^[\da-f]{64}$/u);
    expect(line).toMatchObject({
      timestamp: at,
      identifier: IDENTIFIER,
      run_id: world.runId,
      model_type: 'SEASONAL_NAIVE',
      promoted: true,
      status: 'SUCCESS',
      metrics: { overlap_rows: 3, rows_predicted: 4 },
    });
    // The source misses hour 147.
    expect(
      line?.samples.map(({ step, ts, pred, actual }) => [step, ts, pred['load'], actual['load']]),
    ).toEqual(
      [144, 145, 146, 147].map((hour, index) => [
        index + 1,
        timeOf(hour),
        sourceRow(hour - SEASON).load,
        sourceRow(hour).load,
      ]),
    );
  });

  it('after the newest row has no truth yet', async () => {
    const result = await recordedBy({}, 'r-new');
    expect(result?.line.metrics).toMatchObject({ overlap_rows: 0, rmse: null, rows_predicted: 6 });
  });

  it('is recorded though the stored rows are gone', async () => {
    const storage = {
      ...world.storage,
      getStream: async () => undefined,
    };
    const services: Services = { ...world.services, storage };
    const { predict } = functionOver({ services });
    await predict({ data: dataOf(100, 124) }, { headers: { 'x-request-id': 'r-gone' } });
    expect(lines().find(({ line }) => line.req_id === 'r-gone')?.line.metrics.overlap_rows).toBe(0);
    expect(world.storage.keys().some((key) => key.startsWith(BUCKETS.processed))).toBe(true);
  });

  it('that is served from the cache, or with LOG_HTTP_PREDICTIONS=0, leaves no line', async () => {
    const { predict } = functionOver(world);
    await predict({});
    const before = lines().length;
    await predict({});
    await functionOver(world, { settings: { LOG_HTTP_PREDICTIONS: false } }).predict({});
    expect(lines()).toHaveLength(before);
  });

  it('is answered though the line cannot be published, which is logged and counted', async () => {
    const send = async (): Promise<void> => {
      throw new Error('no broker');
    };
    const services: Services = { ...world.services, publisher: { ...world.publisher, send } };
    const { predict, get } = functionOver({ services });
    expect((await predict({})).status).toBe(200);
    expect(world.log.lines).toContainEqual(
      expect.objectContaining({ event: 'prediction_not_recorded', message: 'no broker' }),
    );
    expect((await get('/metrics')).text).toContain('flts_predictions_not_recorded_total 1');
  });

  it('is answered at once with RECORD_BEFORE_ANSWER=0, and in time where the broker is silent', async () => {
    const services: Services = {
      ...world.services,
      publisher: { ...world.publisher, send: () => new Promise(() => {}) },
    };
    const behind = functionOver({ services }, { settings: { RECORD_BEFORE_ANSWER: false } });
    expect((await behind.predict({})).status).toBe(200);
    const pauses: number[] = [];
    const pause = async (ms: number): Promise<void> => void pauses.push(ms);
    const before = functionOver({ services }, { pause, remainingMs: 3000 });
    expect([(await before.predict({})).status, pauses]).toEqual([200, [2500]]);
  });
});
