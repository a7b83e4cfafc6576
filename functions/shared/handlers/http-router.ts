import { FltsError } from '../errors.ts';
import type { AccessSettings } from '../settings/settings.ts';
import { authorize, type Access } from './access.ts';
import type { HttpRequest, HttpResponse } from './http-handler.ts';

/** One entry of a function's table, whose keys are like `GET /status/{identifier}`. */
export interface HttpRoute<Context> {
  /** Who may; of the request where its address decides. */
  readonly access: Access | ((request: HttpRequest) => Access);
  readonly respond: (request: HttpRequest, context: Context) => Promise<HttpResponse>;
}

export type HttpRoutes<Context> = Readonly<Record<string, HttpRoute<Context>>>;

export function routeOf<Context>(
  routes: HttpRoutes<Context>,
  { method, resource }: Pick<HttpRequest, 'method' | 'resource'>,
): HttpRoute<Context> | undefined {
  return routes[`${method} ${resource}`];
}

/**
 * Answers by the route of the request, if it may be asked for.
 * @throws FltsError route_unknown (404), naming the routes; unauthorized (401), forbidden (403)
 */
export async function dispatch<Context extends { readonly access: AccessSettings }>(
  routes: HttpRoutes<Context>,
  request: HttpRequest,
  context: Context,
): Promise<HttpResponse> {
  const route = routeOf(routes, request);
  if (route === undefined)
    throw new FltsError(
      'route_unknown',
      `expected a route among ${Object.keys(routes).join(', ')}, got ${request.method} ${request.path}`,
      { status: 404 },
    );
  const access = typeof route.access === 'function' ? route.access(request) : route.access;
  authorize(access, request.headers, context.access);
  return route.respond(request, context);
}
