import type { IncomingMessage, ServerResponse } from 'node:http';
import { refusalOf } from '../../../http/foreign.ts';
import { ForeignError, RouteError } from '../errors.ts';
import { artifactRoutes } from '../routes/artifacts.ts';
import { experimentRoutes } from '../routes/experiments.ts';
import { loggedModelRoutes } from '../routes/logged-models.ts';
import type { RouteContext } from '../routes/route.ts';
import { runRoutes } from '../routes/runs.ts';
import { bodyFields, queryFields } from './body.ts';
import { sendError, sendJson, sendText, type Log } from './answers.ts';
import { proxy } from './proxy.ts';

const ROUTES = [...experimentRoutes, ...runRoutes, ...artifactRoutes, ...loggedModelRoutes];
const API = /^\/(?:api|ajax-api)\/2\.0\/mlflow\/(.+)$/u;
const PROXY = /^\/(?:api|ajax-api)\/2\.0\/mlflow-artifacts\/artifacts(?:\/(.*))?$/u;
/** The release whose answers these are. */
export const MLFLOW_VERSION = '3.17.2';

/** Answers one request; errors as MLflow's JSON, an object store that is down as 500. */
export async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  context: RouteContext & { readonly log: Log; readonly allowedHosts: readonly string[] },
): Promise<void> {
  try {
    const refusal = refusalOf(request.headers, context.allowedHosts);
    if (refusal !== undefined) throw new ForeignError(refusal.code, refusal.message);
    await dispatch(request, response, context);
  } catch (cause) {
    sendError(request, response, { cause, log: context.log });
  }
}

async function dispatch(
  request: IncomingMessage,
  response: ServerResponse,
  context: RouteContext,
): Promise<void> {
  const [path = '/', query = ''] = (request.url ?? '/').split(/\?(.*)/su);
  if (path === '/health') return sendText(response, 'OK');
  if (path === '/version') return sendText(response, MLFLOW_VERSION);
  const proxied = PROXY.exec(path);
  if (proxied !== null) {
    const { artifacts } = context;
    return proxy(request, response, { artifacts, path: proxied[1] ?? '', query });
  }
  const endpoint = API.exec(path)?.[1];
  const found = ROUTES.filter((route) => route.path === endpoint);
  if (found.length === 0) throw new RouteError(404, `No endpoint ${path}`);
  const route = found.find(({ method }) => method === request.method);
  if (route === undefined) throw new RouteError(405, `No ${request.method} of ${path}`);
  const fields = route.method === 'GET' ? queryFields(query) : await bodyFields(request);
  sendJson(response, 200, (await route.answer(fields, context)) ?? {});
}
