import type { Forecast } from '@flts/model-runtime';
import type { z } from 'zod';
import type { HttpRequest, HttpResponse } from '../shared/handlers/http-handler.ts';
import type { ServedModel } from '../shared/serving/serving-models.ts';
import { answerOf, requireFinite } from './answer.ts';
import type { CachedForecast } from './forecast/cache.ts';
import type { Instance } from './instance.ts';
import { recordForecast } from './record/record-forecast.ts';
import { newestContext, requestContext, type Context } from './rows/context.ts';
import { futureColumns } from './rows/future.ts';
import { requestRows } from './rows/request-rows.ts';
import { parsedBody, parsedQuery, predictBody, predictQuery } from './schema.ts';
import { servedModel } from './served-model.ts';

/** POST /predict: the steps after the request's last row, or, where it brings no data, after the newest stored row. */
export async function predict(request: HttpRequest, instance: Instance): Promise<HttpResponse> {
  const { settings, services } = instance;
  const at = services.now();
  const query = parsedQuery(predictQuery, request);
  const body = parsedBody(predictBody, request);
  const served = await servedModel(body.identifier ?? settings.IDENTIFIER, request, instance);
  const steps = query.inference_length ?? body.inference_length ?? served.model.horizon;
  const result = await forecastFor({ body, steps, served }, request, instance);
  const { requestId } = request;
  const { forecast, cached } = result;
  if (!cached) await recordForecast({ served, forecast, requestId, at }, request, instance);
  return { status: 200, body: answerOf({ ...result, served, requestId }) };
}

interface Asked {
  readonly body: z.infer<typeof predictBody>;
  readonly steps: number;
  readonly served: ServedModel;
}

async function forecastFor(asked: Asked, request: HttpRequest, instance: Instance): Promise<CachedForecast> {
  const { body, steps, served } = asked;
  const { settings, cache, queue } = instance;
  const future = futureColumns(body.future, steps, served);
  const compute = async (): Promise<Forecast> => {
    const context = await contextOf(asked, instance);
    const { files, scaler, runId } = served.model;
    return requireFinite(
      await queue.run({ files, modelKey: runId, scaler, context, future, steps }, request.remainingMs()),
    );
  };
  const plain = !body.data && Object.keys(future).length === 0;
  if (!plain || !settings.ENABLE_PREDICT_CACHE) return { forecast: await compute(), cached: false };
  return cache.of([served.model.runId, served.pointer.config_hash, steps].join('/'), compute);
}

async function contextOf({ body, served }: Asked, { stored }: Instance): Promise<Context> {
  const { identifier, config_hash } = served.pointer;
  const loadStored = () => stored.of(identifier, config_hash);
  if (!body.data) return newestContext(await loadStored(), served);
  return requestContext(requestRows(body.data, body.index_col, served), served, loadStored);
}
