import { FltsError } from '../../shared/errors.ts';
import type { HttpRequest, HttpResponse } from '../../shared/handlers/http-handler.ts';
import { dispatch, routeOf, type HttpRoute } from '../../shared/handlers/http-router.ts';
import type { Instance } from '../instance.ts';
import { predict } from '../predict.ts';
import { healthz, metricsPage, predictPing, queueStats, ready } from './health.ts';
import { publishClaims } from './publish-claims.ts';
import { reloadLatest } from './reload.ts';
import type { predictStage } from '../stage.ts';

type RouteName = (typeof predictStage.http)[number];

const ROUTES = {
  'POST /predict': { access: 'read', respond: predict },
  'GET /predict_ping': { access: 'read', respond: predictPing },
  // Load balancers have no token, and learn nothing but whether to send requests.
  'GET /healthz': { access: 'anyone', respond: healthz },
  'GET /ready': { access: 'anyone', respond: ready },
  'GET /metrics': { access: 'read', respond: metricsPage },
  'GET /queue_stats': { access: 'read', respond: queueStats },
  'POST /reload_latest': { access: 'admin', respond: reloadLatest },
  'POST /publish_inference_claims': { access: 'admin', respond: publishClaims },
} satisfies Record<RouteName, HttpRoute<Instance>>;

/** Answers a request and counts it. @throws as dispatch */
export async function answer(request: HttpRequest, instance: Instance): Promise<HttpResponse> {
  const known = routeOf(ROUTES, request) !== undefined;
  const answered = instance.metrics.request(known ? request.resource : 'unknown');
  try {
    const response = await dispatch(ROUTES, request, instance);
    answered(response.status);
    return response;
  } catch (cause) {
    answered(cause instanceof FltsError ? cause.status : 500);
    throw cause;
  }
}
