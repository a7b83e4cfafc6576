import { beforeAll, describe, expect, it } from 'vitest';
import { ServiceError } from '../../shared/errors.ts';
import { inferenceClaim } from '../../shared/messages/schema.ts';
import { testKey } from '../../shared/keys.ts';
import { ADMIN } from '../../shared/testing/access.ts';
import { createMemoryServices } from '../../shared/testing/memory-services.ts';
import { finishedRun, pointAt } from '../../shared/testing/promoted.ts';
import { BUCKETS } from '../../shared/topics.ts';
import { loadAtStart } from '../start.ts';
import { createWorld, functionOver, IDENTIFIER, type World } from '../testing/world.ts';

describe('an instance', () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld('SEASONAL_NAIVE');
  });

  it('is healthy from the start, and ready once the default model is in hand', async () => {
    const empty = functionOver(createMemoryServices());
    expect((await empty.get('/healthz')).json).toEqual({ status: 'ok', model_ready: false, queue_length: 0 });
    expect(await empty.get('/ready')).toMatchObject({
      status: 503,
      json: { status: 'not_ready', model_ready: false },
    });
    const { get, instance } = functionOver(world);
    await loadAtStart(instance);
    expect((await get('/healthz')).json).toEqual({ status: 'ok', model_ready: true, queue_length: 0 });
    expect(await get('/ready')).toMatchObject({ status: 200, json: { status: 'ready', model_ready: true } });
  });

  it('becomes ready with a promotion that comes later, without a request for a forecast', async () => {
    expect((await functionOver(world).get('/ready')).status).toBe(200);
  });

  it('is ready with any model in hand, unless it has a default identifier of its own', async () => {
    const { get, predict } = functionOver(world);
    await predict({ identifier: IDENTIFIER });
    expect((await get('/healthz')).json).toMatchObject({ model_ready: true });
    const other = functionOver(world, { settings: { IDENTIFIER: 'other' } });
    await other.predict({ identifier: IDENTIFIER });
    expect((await other.get('/healthz')).json).toMatchObject({ model_ready: false });
  });

  it('starts though the promoted run is gone, and says so', async () => {
    const broken = await createWorld('NAIVE');
    broken.tracking.remove(broken.runId);
    const { instance, get } = functionOver(broken, { settings: { IDENTIFIER } });
    await loadAtStart(instance);
    expect(broken.log.lines.map(({ event }) => event)).toContain('promotion_model_load_fail_startup');
    expect((await get('/ready')).status).toBe(503);
    expect((await get('/metrics')).text).toContain('flts_model_loads_total{outcome="failed"} 2');
  });

  it('tells what would serve a request', async () => {
    const { get } = functionOver(world);
    expect((await get('/predict_ping')).json).toEqual({
      status: 'ok',
      model_loaded: true,
      has_df: true,
      busy: false,
      input_seq_len: 24,
      output_seq_len: 6,
      context_rows: 24,
    });
    expect((await get('/predict_ping', { query: { identifier: 'nobody' } })).json).toMatchObject({
      status: 'ok',
      model_loaded: false,
      has_df: false,
      context_rows: null,
    });
  });

  it('tells the figures of its queue', async () => {
    const { get, predict } = functionOver(world);
    await predict({});
    await predict({});
    expect((await get('/queue_stats')).json).toEqual({
      status: 'ok',
      qsize: 0,
      enqueued: 1,
      active: 0,
      completed: 1,
      timeouts: 0,
      rejected_full: 0,
      served_cached: 1,
      average_queue_wait_ms: 0,
      workers: 2,
      maxsize: 40,
    });
  });

  it('counts requests by route and status, as Prometheus text or as JSON', async () => {
    const { get, call, predict } = functionOver(world);
    await predict({});
    await predict({ inference_length: 0 });
    await call({ resource: '/nope' });
    const { text, headers } = await get('/metrics');
    expect(headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/u);
    for (const line of [
      'flts_http_requests_total{route="/predict",status="200"} 1',
      'flts_http_requests_total{route="/predict",status="400"} 1',
      'flts_http_requests_total{route="unknown",status="404"} 1',
      'flts_http_request_duration_seconds_count{route="/predict"} 2',
      'flts_model_loads_total{outcome="loaded"} 1',
      'flts_forecasts_completed_total 1',
      'flts_queue_waiting 0',
    ])
      expect(text.split('\n')).toContain(line);
    expect(text).toMatch(/^process_cpu_seconds_total \d/mu);
    const json = await get('/metrics', { headers: { accept: 'application/json' } });
    const metrics: unknown = JSON.parse(json.text);
    expect(metrics).toContainEqual(expect.objectContaining({ name: 'flts_forecasts_completed_total' }));
  });

  it('answers 404 to a route it does not know, naming those it does', async () => {
    const { status, json } = await functionOver(world).call({ method: 'DELETE', resource: '/predict' });
    expect([status, json.error?.code]).toEqual([404, 'route_unknown']);
    expect(json.error?.message).toMatch(/POST \/predict.*got DELETE \/predict/u);
  });
});

describe('who may ask', () => {
  const statusOf = async (route: string, access: object, headers = {}) => {
    const [method = '', resource = ''] = route.split(' ');
    const { call } = functionOver(createMemoryServices(), { access });
    return (await call({ method, resource, headers, body: '{' })).status;
  };
  const reads = ['POST /predict', 'GET /predict_ping', 'GET /metrics', 'GET /queue_stats'];
  const changes = ['POST /reload_latest', 'POST /publish_inference_claims'];

  it.each(reads)('is anyone where reads are public, else who has the token: %s', async (route) => {
    expect([401, 403]).not.toContain(await statusOf(route, { PUBLIC_READS: true, ADMIN_TOKEN: '' }));
    expect(await statusOf(route, { PUBLIC_READS: false })).toBe(401);
    expect(await statusOf(route, { PUBLIC_READS: false, ADMIN_TOKEN: '' })).toBe(403);
    expect([401, 403]).not.toContain(await statusOf(route, { PUBLIC_READS: false }, ADMIN));
  });

  it.each(changes)('is who has the token, though reads and uploads are public: %s', async (route) => {
    expect(await statusOf(route, {})).toBe(401);
    expect(await statusOf(route, { ADMIN_TOKEN: '' }, ADMIN)).toBe(403);
    expect(await statusOf(route, {}, ADMIN)).not.toBe(401);
  });

  it.each(['GET /healthz', 'GET /ready'])('is anyone, whatever is closed: %s', async (route) => {
    const closed = { PUBLIC_READS: false, PUBLIC_UPLOADS: false, ADMIN_TOKEN: '' };
    expect([200, 503]).toContain(await statusOf(route, closed));
  });
});

describe('POST /reload_latest', () => {
  const reload = (of: ReturnType<typeof functionOver>, body: unknown = {}) =>
    of.call({ method: 'POST', resource: '/reload_latest', headers: ADMIN, body: JSON.stringify(body) });

  it('reads the pointer now, however short ago it was looked at', async () => {
    const world = await createWorld('NAIVE');
    const instance = functionOver(world);
    await instance.predict({ identifier: IDENTIFIER });
    expect((await reload(instance, { identifier: IDENTIFIER })).json).toEqual({
      status: 'SUCCESS',
      identifier: IDENTIFIER,
      run_id: world.runId,
      model_type: 'NAIVE',
      promotion_id: world.promoted.promotion_id,
      changed: false,
    });
    const runId = await finishedRun(world.services, world.training, 'MEAN_WINDOW');
    const { promotion_id } = await pointAt(world, world.training, { runId, modelType: 'MEAN_WINDOW' });
    expect((await reload(instance, { identifier: IDENTIFIER })).json).toMatchObject({
      run_id: runId,
      model_type: 'MEAN_WINDOW',
      promotion_id,
      changed: true,
    });
  });

  it('answers 503 where nothing is promoted, 400 to an unknown key', async () => {
    const instance = functionOver(createMemoryServices());
    expect(await reload(instance)).toMatchObject({
      status: 503,
      json: { error: { code: 'model_not_ready' } },
    });
    expect(await reload(instance, { id: 'x' })).toMatchObject({ status: 400 });
  });
});

describe('POST /publish_inference_claims', () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld('NAIVE');
  });
  const settings = { ENABLE_PUBLISH_API: true };

  async function publish(body: unknown, options: Parameters<typeof functionOver>[1] = { settings }) {
    const before = world.publisher.sent.length;
    const { call } = functionOver(world, options);
    const answer = await call({
      method: 'POST',
      resource: '/publish_inference_claims',
      headers: ADMIN,
      body: JSON.stringify(body),
    });
    return { answer, sent: world.publisher.sent.slice(before) };
  }

  it('is off unless ENABLE_PUBLISH_API=1', async () => {
    const { answer, sent } = await publish({ count: 1 }, {});
    expect([answer.status, answer.json.error?.code, sent]).toEqual([403, 'forbidden', []]);
    expect(answer.json.error?.message).toMatch(/ENABLE_PUBLISH_API=1/u);
  });

  it('publishes complete claims on the served test rows, each with an id of its own', async () => {
    const { answer, sent } = await publish({ count: 1203 });
    expect(answer.json).toEqual({ status: 'SUCCESS', published: 1203, topic: 'inference-data' });
    const claims = sent.map(({ value }) => inferenceClaim.parse(JSON.parse(String(value))));
    const object = testKey(IDENTIFIER, world.training.config_hash);
    expect(claims[0]).toMatchObject({
      identifier: IDENTIFIER,
      config_hash: world.training.config_hash,
      bucket: BUCKETS.processed,
      object,
      object_key: object,
      size: (await world.storage.head(BUCKETS.processed, object))?.size,
    });
    expect(new Set(claims.map(({ claim_id }) => claim_id)).size).toBe(1203);
    expect(sent.every(({ key }) => key === IDENTIFIER)).toBe(true);
    expect(JSON.parse(String(sent[0]?.value))).toMatchObject({ report_status: false });
  });

  it('publishes nothing where storage does not tell whose object it is', async () => {
    const getJson: World['storage']['getJson'] = async (bucket, key, schema) => {
      if (key.endsWith('/meta.json')) throw new ServiceError('storage_unavailable', 'S3 says 500');
      return world.storage.getJson(bucket, key, schema);
    };
    const storage = { ...world.storage, getJson };
    const { call } = functionOver({ ...world, services: { ...world.services, storage } }, { settings });
    const before = world.publisher.sent.length;
    const body = { count: 1, object_key: testKey(IDENTIFIER, world.training.config_hash) };
    const answer = await call({
      method: 'POST',
      resource: '/publish_inference_claims',
      headers: ADMIN,
      body: JSON.stringify(body),
    });
    expect([answer.status, answer.json.error?.code]).toEqual([503, 'storage_unavailable']);
    expect(world.publisher.sent).toHaveLength(before);
  });

  it('gives them a deadline and keys of their own where asked', async () => {
    const { sent } = await publish({ count: 2, ttl_ms: 5000, key_prefix: 'k-' });
    expect(sent.map(({ key, headers }) => [key, headers?.['deadline_ms']])).toEqual([
      ['k-0', String(world.clock.now + 5000)],
      ['k-1', String(world.clock.now + 5000)],
    ]);
  });

  it('says how many there are where the time did not suffice', async () => {
    const { answer, sent } = await publish({ count: 10 }, { settings, remainingMs: 1000 });
    expect([answer.json, sent]).toEqual([{ status: 'PARTIAL', published: 0, topic: 'inference-data' }, []]);
  });

  it.each([
    ['no count', {}, 'request_invalid', /count/u],
    ['too many', { count: 500_001 }, 'request_invalid', /500000/u],
    ['an unknown bucket', { count: 1, bucket: 'x' }, 'bucket_unknown', /processed-data.*got x/u],
    [
      'an object that is not there',
      { count: 1, object_key: 'a/b' },
      'object_not_found',
      /processed-data\/a\/b/u,
    ],
  ])('is refused with %s', async (_name, body, code, message) => {
    const { answer, sent } = await publish(body);
    expect([answer.status, answer.json.error?.code, sent]).toEqual([400, code, []]);
    expect(answer.json.error?.message).toMatch(message);
  });
});
