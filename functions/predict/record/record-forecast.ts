import type { Series } from '@flts/model-runtime';
import type { HttpRequest } from '../../shared/handlers/http-handler.ts';
import type { Instance } from '../instance.ts';
import { resultMessage, type ServedForecast } from './result-message.ts';

/** What is left of an invocation for the answer itself. */
const ANSWER_MS = 500;

/**
 * Hands a forecast's line to record; with RECORD_BEFORE_ANSWER=1 resolves once it is published, or when the answer
 * can wait no longer. Never rejects: a line that is lost is logged and counted, and the answer still goes out.
 */
export async function recordForecast(
  forecast: ServedForecast,
  { remainingMs }: Pick<HttpRequest, 'remainingMs'>,
  instance: Pick<Instance, 'services' | 'settings' | 'stored' | 'recorder' | 'pause'>,
): Promise<void> {
  const { settings, pause } = instance;
  if (!settings.LOG_HTTP_PREDICTIONS) return;
  const recorded = record(forecast, instance);
  if (!settings.RECORD_BEFORE_ANSWER) return;
  const late = new AbortController();
  await Promise.race([recorded, pause(Math.max(0, remainingMs() - ANSWER_MS), late.signal)]);
  late.abort();
}

async function record(
  forecast: ServedForecast,
  { services, settings, stored, recorder }: Parameters<typeof recordForecast>[2],
): Promise<void> {
  const { identifier, config_hash } = forecast.served.pointer;
  try {
    // Without the stored rows there is no truth to compare with; the line is worth keeping all the same.
    const series: Series | undefined = await stored.of(identifier, config_hash).catch(() => undefined);
    const sampleTargets = settings.PREDICT_LOG_FEATURE_LIMIT;
    await recorder.add(resultMessage(forecast, series, { sampleTargets, now: services.now() }));
  } catch (cause) {
    recorder.fail(forecast.requestId, cause);
  }
}
