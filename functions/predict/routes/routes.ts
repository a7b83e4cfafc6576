import { FltsError } from '../../shared/errors.ts';
import type { HttpRequest, HttpResponse } from '../../shared/handlers/http-handler.ts';
import type { Instance } from '../instance.ts';
import { predict } from '../predict.ts';
import { healthz, metricsPage, predictPing, queueStats, ready } from './health.ts';
import { publishClaims } from './publish-claims.ts';
import { reloadLatest } from './reload.ts';

type Respond = (request: HttpRequest, instance: Instance) => Promise<HttpResponse>;

const ROUTES: Readonly<Record<string, Respond>> = {
  'POST /predict': predict,
  'GET /predict_ping': predictPing,
  'GET /healthz': healthz,
  'GET /ready': ready,
  'GET /metrics': metricsPage,
  'GET /queue_stats': queueStats,
  'POST /reload_latest': reloadLatest,
  'POST /publish_inference_claims': publishClaims,
};

/** Answers a request and counts it. @throws FltsError route_unknown (404), naming the routes */
export async function answer(request: HttpRequest, instance: Instance): Promise<HttpResponse> {
  const known = ROUTES[`${request.method} ${request.resource}`] !== undefined;
  const answered = instance.metrics.request(known ? request.resource : 'unknown');
  try {
    const response = await respond(request, instance);
    answered(response.status);
    return response;
  } catch (cause) {
    answered(cause instanceof FltsError ? cause.status : 500);
    throw cause;
  }
}

function respond(request: HttpRequest, instance: Instance): Promise<HttpResponse> {
  const route = ROUTES[`${request.method} ${request.resource}`];
  if (route !== undefined) return route(request, instance);
  throw new FltsError(
    'route_unknown',
    `expected a route among ${Object.keys(ROUTES).join(', ')}, got ${request.method} ${request.path}`,
    { status: 404 },
  );
}
