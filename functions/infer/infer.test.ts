import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { hourlyCsv } from '../preprocess/testing/stage.ts';
import { kafkaHandler } from '../shared/handlers/kafka-handler.ts';
import { pendingPrefix, pointerKey } from '../shared/keys.ts';
import { resultLine, type ResultLine } from '../shared/messages/schema.ts';
import { SERVING_DEFAULTS } from '../shared/testing/settings.ts';
import { context, failures, mskEvent, mskRecord } from '../shared/testing/events.ts';
import { finishedRun, pointAt, processUpload, promotedWorld } from '../shared/testing/promoted.ts';
import { HOUR_MS, START } from '../shared/testing/tables.ts';
import { createThreadlessPool } from '../shared/testing/threadless-pool.ts';
import { createMemoryServices } from '../shared/testing/memory-services.ts';
import { statusPrefix } from '../shared/status.ts';
import { BUCKETS, TOPICS } from '../shared/topics.ts';
import { createRoutes } from './routes.ts';

type World = Awaited<ReturnType<typeof promotedWorld>>;

const ROWS = 300;
const upload = { csv: hourlyCsv(ROWS), testCsv: hourlyCsv(40, START + ROWS * HOUR_MS) };

/** The function over services in memory. */
function functionOver({ services }: Pick<World, 'services'>, settings = {}) {
  const routes = createRoutes(createThreadlessPool(), { ...SERVING_DEFAULTS, ...settings });
  const handler = kafkaHandler({ name: 'infer', routes, services });
  return (topic: string, value: unknown, headers: Record<string, string> = {}) =>
    handler(mskEvent(mskRecord({ topic, value, headers })), context).then(failures);
}

function linesOf({ publisher }: Pick<World, 'publisher'>): ResultLine[] {
  return publisher.messages(TOPICS.inferenceResults).map(({ line }) => resultLine.parse(line));
}

async function statusOf({ storage, inference }: World): Promise<unknown> {
  const key = `${statusPrefix('load', inference.claim_id)}infer.json`;
  const stored = await storage.get(BUCKETS.processed, key);
  return stored === undefined ? undefined : JSON.parse(Buffer.from(stored.body).toString());
}

const pendingOf = ({ storage }: Pick<World, 'storage'>, identifier = 'load'): string[] =>
  storage.keys().filter((key) => key.startsWith(`${BUCKETS.processed}/${pendingPrefix(identifier)}`));

describe('a claim with a promoted model', () => {
  let world: World;
  let line: ResultLine;

  beforeAll(async () => {
    world = await promotedWorld('load', 'SEASONAL_NAIVE', upload);
    expect(await functionOver(world)(TOPICS.inferenceData, world.inference)).toEqual({});
    line = linesOf(world)[0]!;
  });

  it('is forecast over every row of the test file, and once beyond it', () => {
    expect(linesOf(world)).toHaveLength(1);
    expect(line).toMatchObject({
      identifier: 'load',
      run_id: world.runId,
      model_type: 'SEASONAL_NAIVE',
      config_hash: world.inference.config_hash,
      promoted: true,
      status: 'SUCCESS',
      timestamp: world.inference.claimed_at,
    });
    // 40 rows in tiles of 6 (the last of 4), then 6 beyond.
    expect(line.metrics).toMatchObject({ overlap_rows: 40, rows_predicted: 46 });
    expect(line.samples).toHaveLength(46);
    expect(line.samples.map(({ step }) => step).slice(-10)).toEqual([1, 2, 3, 4, 1, 2, 3, 4, 5, 6]);
  });

  it('has the errors that follow from the file alone', () => {
    // A season of 24 repeats `load`'s own but for its weekly part: the value of a day before.
    const at = (row: number): number => 100 + (row % 24) * 2 + ((row * 7) % 5);
    const errors = Array.from({ length: 40 }, (_, index) => {
      const row = ROWS + index;
      const origin = ROWS + Math.floor(index / 6) * 6;
      return Math.abs(at(origin - 24 + (row - origin)) - at(row));
    });
    const mean = errors.reduce((sum, error) => sum + error, 0) / 40;
    expect(line.metrics.mae['load']).toBeCloseTo(mean, 10);
    const [first] = line.samples;
    expect(first).toMatchObject({
      ts: new Date(START + ROWS * HOUR_MS).toISOString(),
      actual: { load: at(ROWS) },
      pred: { load: at(ROWS - 24) },
    });
    expect(first?.abs_err['load']).toBeCloseTo(errors[0] ?? Number.NaN, 10);
  });

  it('knows no truth beyond the end', () => {
    const beyond = line.samples.slice(-6);
    expect(beyond.map(({ actual }) => actual['load'])).toEqual(Array.from({ length: 6 }, () => null));
    expect(beyond.every(({ pred }) => Number.isFinite(pred['load']))).toBe(true);
  });

  it('is told of as a success', async () => {
    expect(await statusOf(world)).toMatchObject({ stage: 'infer', state: 'SUCCESS', run_id: world.runId });
  });

  it('delivered again makes the very same line', async () => {
    await functionOver(world)(TOPICS.inferenceData, world.inference);
    const [first, second] = linesOf(world);
    expect(second).toEqual(first);
  });

  it('takes the newest INFERENCE_MAX_WINDOWS windows', async () => {
    await functionOver(world, { INFERENCE_MAX_WINDOWS: 2 })(TOPICS.inferenceData, world.inference);
    expect(linesOf(world).at(-1)?.metrics).toMatchObject({ rows_predicted: 10, overlap_rows: 4 });
  });

  it('past its deadline is dropped and counted', async () => {
    const before = linesOf(world).length;
    const deadline_ms = String(world.clock.now - 1);
    expect(await functionOver(world)(TOPICS.inferenceData, world.inference, { deadline_ms })).toEqual({});
    expect(linesOf(world)).toHaveLength(before);
    expect(world.log.lines.at(-1)).toMatchObject({
      event: 'claim_expired',
      claim_id: world.inference.claim_id,
    });
  });

  it('published with bucket and object alone is completed', async () => {
    const { bucket, object } = world.inference;
    expect(await functionOver(world)(TOPICS.inferenceData, { bucket, object })).toEqual({});
    const { line: own, ...envelope } = world.publisher.messages(TOPICS.inferenceResults).at(-1) ?? {};
    expect(envelope).toMatchObject({ identifier: 'load', config_hash: world.inference.config_hash });
    expect(resultLine.parse(own).metrics.prediction_hash).toBe(line.metrics.prediction_hash);
  });

  it('on an object that is gone goes to the DLQ, which names it', async () => {
    const claim = { bucket: BUCKETS.processed, object: 'nobody/0000/test.parquet' };
    expect(await functionOver(world)(TOPICS.inferenceData, claim)).toEqual({});
    const dead = world.publisher.sent.findLast(({ topic }) => topic === 'DLQ-inference-data');
    expect(dead?.headers).toMatchObject({
      dlq_error_code: 'object_not_found',
      dlq_error_message: expect.stringContaining('processed-data/nobody/0000/test.parquet'),
    });
  });

  it.each([
    ['alone', { bucket: BUCKETS.processed }],
    ['in a whole claim', undefined],
  ])('on a key of 2,000 bytes %s goes to the DLQ at once, and the next one is forecast', async (_, short) => {
    const before = linesOf(world).length;
    const object = `load/${'x'.repeat(1987)}.parquet`;
    const claim = { ...(short ?? world.inference), object, object_key: object };
    const routes = createRoutes(createThreadlessPool(), SERVING_DEFAULTS);
    const handler = kafkaHandler({ name: 'infer', routes, services: world.services });
    const records = [claim, world.inference].map((value, offset) =>
      mskRecord({ topic: TOPICS.inferenceData, offset, value }),
    );
    expect(failures(await handler(mskEvent(...records), context))).toEqual({});
    const dead = world.publisher.sent.findLast(({ topic }) => topic === 'DLQ-inference-data');
    expect(dead?.headers).toMatchObject({ dlq_error_code: 'object_key_invalid', dlq_offset: '0' });
    expect(linesOf(world)).toHaveLength(before + 1);
  });

  it('on rows without the model’s columns names those that are missing', async () => {
    const csv = hourlyCsv(ROWS).replace('time,load,flow', 'time,load,stream');
    const other = await processUpload(world.services, 'other', { csv });
    const claim = { ...other.inference, identifier: 'load' };
    await functionOver(world)(TOPICS.inferenceData, { ...claim, object: other.inference.object });
    const dead = world.publisher.sent.findLast(({ topic }) => topic === 'DLQ-inference-data');
    expect(dead?.headers).toMatchObject({
      dlq_error_code: 'feature_count_mismatch',
      dlq_error_message: expect.stringMatching(/none named flow/u),
    });
  });
});

describe('a claim before there is a model', () => {
  let world: ReturnType<typeof createMemoryServices> & Awaited<ReturnType<typeof processUpload>>;

  beforeEach(async () => {
    const memory = createMemoryServices();
    world = { ...memory, ...(await processUpload(memory.services, 'load', upload)) };
    expect(await functionOver(world)(TOPICS.inferenceData, world.inference)).toEqual({});
  });

  it('is kept, counts as handled, and says what it waits for', async () => {
    expect(linesOf(world)).toEqual([]);
    expect(pendingOf(world)).toHaveLength(1);
    const stored = await world.storage.get(
      BUCKETS.processed,
      `${statusPrefix('load', world.inference.claim_id)}infer.json`,
    );
    expect(JSON.parse(Buffer.from(stored?.body ?? []).toString())).toMatchObject({
      state: 'WAITING',
      message: 'waits for a promoted model',
    });
  });

  it('is taken up by the promotion, once', async () => {
    const runId = await finishedRun(world.services, world.training, 'NAIVE');
    const promoted = await pointAt(world.services, world.training, { runId, modelType: 'NAIVE' });
    const deliver = functionOver(world);
    const selected = { ...promoted, produced_at: promoted.claimed_at };
    expect(await deliver(TOPICS.modelSelected, selected)).toEqual({});
    expect(linesOf(world).map(({ run_id }) => run_id)).toEqual([runId]);
    expect(pendingOf(world)).toEqual([]);
    await deliver(TOPICS.modelSelected, selected);
    expect(linesOf(world)).toHaveLength(1);
  });

  it('that a promotion has overtaken is forecast at once', async () => {
    const runId = await finishedRun(world.services, world.training, 'NAIVE');
    const { storage } = world;
    // The promotion lands between the look for a model and the keeping of the claim.
    const put = storage.putJson.bind(storage);
    const overtaken = {
      ...world.services,
      storage: {
        ...storage,
        putJson: async (...[bucket, key, value, options]: Parameters<typeof put>) => {
          const result = await put(bucket, key, value, options);
          if (key.startsWith(pendingPrefix('load')))
            await pointAt(world.services, world.training, { runId, modelType: 'NAIVE' });
          return result;
        },
      },
    };
    await functionOver({ services: overtaken })(TOPICS.inferenceData, world.inference);
    expect(linesOf(world).map(({ run_id }) => run_id)).toEqual([runId]);
    expect(pendingOf(world)).toEqual([]);
  });

  it('whose pointer names a run that is gone stays pending', async () => {
    await pointAt(world.services, world.training, { runId: '0'.repeat(32), modelType: 'GRU' });
    expect(await functionOver(world)(TOPICS.inferenceData, world.inference)).toEqual({});
    expect(linesOf(world)).toEqual([]);
    expect(pendingOf(world)).toHaveLength(1);
    expect(world.log.lines).toContainEqual(
      expect.objectContaining({ event: 'promotion_model_load_fail_startup', run_id: '0'.repeat(32) }),
    );
  });

  it('that can never be forecast is given up when it is taken up, and holds up no other', async () => {
    const second = { ...world.inference, claim_id: 'zz-second' };
    await functionOver(world)(TOPICS.inferenceData, second);
    const bad = { ...world.inference, claim_id: 'aa-bad', object: 'load/gone.parquet' };
    await functionOver(world)(TOPICS.inferenceData, bad);
    const runId = await finishedRun(world.services, world.training, 'NAIVE');
    const promoted = await pointAt(world.services, world.training, { runId, modelType: 'NAIVE' });
    await functionOver(world)(TOPICS.modelSelected, { ...promoted, produced_at: promoted.claimed_at });
    expect(linesOf(world)).toHaveLength(2);
    const dead = world.publisher.sent.filter(({ topic }) => topic === 'DLQ-inference-data');
    expect(dead.map(({ headers }) => headers?.['dlq_error_code'])).toEqual(['object_not_found']);
    expect(JSON.parse(String(dead[0]?.value))).toMatchObject({ claim_id: 'aa-bad' });
    expect(pendingOf(world)).toEqual([]);
  });
});

describe('a finished run', () => {
  it.each([
    ['is not forecast with unless that is asked for', false, []],
    ['forecasts its claim at once, not marked promoted, where that is asked for', true, [false]],
  ])('%s', async (_name, RUN_INFERENCE_ON_TRAIN_SUCCESS, expected) => {
    const memory = createMemoryServices();
    const claims = await processUpload(memory.services, 'load', upload);
    const run_id = await finishedRun(memory.services, claims.training, 'MEAN_WINDOW');
    const { identifier, config_hash, claim_id, claimed_at, produced_at, settings } = claims.training;
    const message = {
      v: 1,
      identifier,
      config_hash,
      claim_id,
      claimed_at,
      produced_at,
      settings,
      run_id,
      operation: 'Trained: MEAN_WINDOW',
      status: 'SUCCESS',
      experiment: identifier,
      run_name: 'MEAN_WINDOW',
      model_type: 'MEAN_WINDOW',
    };
    const deliver = functionOver(memory, { RUN_INFERENCE_ON_TRAIN_SUCCESS });
    expect(await deliver(TOPICS.modelTraining, message)).toEqual({});
    expect(linesOf(memory).map(({ promoted }) => promoted)).toEqual(expected);
    expect(await memory.storage.get(BUCKETS.promotion, pointerKey('load'))).toBeUndefined();
  });
});
