import { historyRows } from '@flts/model-runtime';
import type { HttpRequest, HttpResponse } from '../../shared/handlers/http-handler.ts';
import { testKey } from '../../shared/keys.ts';
import type { ServedModel } from '../../shared/serving/serving-models.ts';
import { BUCKETS, GLOBAL_IDENTIFIER } from '../../shared/topics.ts';
import type { Instance } from '../instance.ts';

/** GET /healthz: the instance answers. */
export async function healthz(_request: HttpRequest, instance: Instance): Promise<HttpResponse> {
  return { status: 200, body: { status: 'ok', ...readiness(instance) } };
}

/** GET /ready: 200 once the default identifier's model is in hand, else 503. */
export async function ready(_request: HttpRequest, instance: Instance): Promise<HttpResponse> {
  const { models, settings } = instance;
  // A pointer that came after the start is found here, so that whoever waits for readiness gets there.
  await models.current(settings.IDENTIFIER).catch(() => undefined);
  const { model_ready, ...rest } = readiness(instance);
  return model_ready
    ? { status: 200, body: { status: 'ready', model_ready, ...rest } }
    : { status: 503, headers: { 'retry-after': '5' }, body: { status: 'not_ready', model_ready, ...rest } };
}

function readiness({ models, settings, queue }: Instance): { model_ready: boolean; queue_length: number } {
  return {
    model_ready: hasModel(models, settings.IDENTIFIER),
    queue_length: queue.stats().queued,
  };
}

/** A default of its own must be there; `global`, the newest of all, is where any is. */
function hasModel(models: Instance['models'], identifier: string): boolean {
  if (identifier === GLOBAL_IDENTIFIER) return models.identifiers().length > 0;
  return models.inHand(identifier) !== undefined;
}

/** GET /predict_ping: what would serve a request now. */
export async function predictPing(request: HttpRequest, instance: Instance): Promise<HttpResponse> {
  const { models, settings, queue } = instance;
  const identifier = request.query['identifier'] || settings.IDENTIFIER;
  const served = await models.current(identifier).catch(() => undefined);
  const model = served?.model;
  return {
    status: 200,
    body: {
      status: 'ok',
      model_loaded: served !== undefined,
      has_df: served !== undefined && (await hasStoredRows(served, instance)),
      busy: queue.stats().active > 0,
      input_seq_len: model ? model.info.contextRows - historyRows(model.info.history) : null,
      output_seq_len: model?.horizon ?? null,
      context_rows: model?.info.contextRows ?? null,
    },
  };
}

/** Whether the rows that complete a short request, and that `{}` goes on from, are there. */
async function hasStoredRows({ pointer }: ServedModel, { services }: Instance): Promise<boolean> {
  const key = testKey(pointer.identifier, pointer.config_hash);
  return (await services.storage.head(BUCKETS.processed, key)) !== undefined;
}

/** GET /queue_stats, of this instance. */
export async function queueStats(_request: HttpRequest, { queue, cache }: Instance): Promise<HttpResponse> {
  const stats = queue.stats();
  return {
    status: 200,
    body: {
      status: 'ok',
      qsize: stats.queued,
      enqueued: stats.enqueued,
      active: stats.active,
      completed: stats.completed,
      timeouts: stats.timeouts,
      rejected_full: stats.rejectedFull,
      served_cached: cache.served(),
      average_queue_wait_ms: stats.averageWaitMs,
      workers: stats.workers,
      maxsize: stats.maxSize,
    },
  };
}

/** GET /metrics: Prometheus text; JSON where Accept asks for it. */
export async function metricsPage({ headers }: HttpRequest, { metrics }: Instance): Promise<HttpResponse> {
  if (headers['accept']?.includes('application/json')) return { status: 200, body: await metrics.json() };
  return { status: 200, headers: { 'content-type': metrics.contentType }, body: await metrics.text() };
}
