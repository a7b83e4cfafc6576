import type { IncomingMessage, ServerResponse } from 'node:http';
import { safePath } from '../artifacts.ts';
import { ApiError, invalid } from '../errors.ts';
import { artifactRoutes } from '../routes/artifacts.ts';
import { experimentRoutes } from '../routes/experiments.ts';
import { Fields } from '../routes/fields.ts';
import type { RouteContext } from '../routes/route.ts';
import { runRoutes } from '../routes/runs.ts';

const ROUTES = [...experimentRoutes, ...runRoutes, ...artifactRoutes];
const API = /^\/(?:api|ajax-api)\/2\.0\/mlflow\/(.+)$/u;
const PROXY = /^\/(?:api|ajax-api)\/2\.0\/mlflow-artifacts\/artifacts(?:\/(.*))?$/u;
/** Bytes of the largest body taken. */
const MAX_BODY = 512 * 1024 * 1024;
export const MLFLOW_VERSION = '3.17.2';

export type Log = (event: Record<string, unknown>) => void;

/** Answers one request; errors as MLflow's JSON, an object store that is down as 500. */
export async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  context: RouteContext,
  log: Log,
): Promise<void> {
  try {
    await dispatch(request, response, context);
  } catch (cause) {
    if (cause instanceof ApiError) {
      sendJson(response, cause.status, {
        error_code: cause.code,
        message: cause.message,
        error_class: cause.code,
      });
      return;
    }
    log({
      level: 'error',
      event: 'request_failed',
      method: request.method,
      url: request.url,
      cause: String(cause),
    });
    response.writeHead(500, { 'content-type': 'text/plain' }).end('Internal Server Error');
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
  if (proxied !== null) return proxy(request, response, context, { path: proxied[1] ?? '', query });
  const endpoint = API.exec(path)?.[1];
  const found = ROUTES.filter((route) => route.path === endpoint);
  if (found.length === 0) throw new ApiError('ENDPOINT_NOT_FOUND', `No endpoint ${path}`);
  const route = found.find(({ method }) => method === request.method);
  if (route === undefined) throw new ApiError('METHOD_NOT_ALLOWED', `No ${request.method} of ${path}`);
  const fields = route.method === 'GET' ? new Fields(queryFields(query)) : await bodyFields(request);
  sendJson(response, 200, (await route.answer(fields, context)) ?? {});
}

async function proxy(
  request: IncomingMessage,
  response: ServerResponse,
  { artifacts }: RouteContext,
  { path, query }: { path: string; query: string },
): Promise<void> {
  if (request.method === 'GET' && path === '') {
    const root = safePath(new URLSearchParams(query).get('path') ?? '');
    const files = await artifacts.list(root.replace(/\/+$/u, ''), '');
    return sendJson(response, 200, files.length > 0 ? { files } : {});
  }
  if (request.method === 'PUT' && path.endsWith('/')) throw invalid('Invalid path');
  const key = safePath(path);
  switch (request.method) {
    case 'GET':
    case 'HEAD': {
      const { bytes, contentType } = await artifacts.get(key);
      const name = encodeURIComponent(key.split('/').at(-1) ?? '');
      response.writeHead(200, {
        'content-type': contentType,
        'content-length': bytes.length,
        'content-disposition': `attachment; filename=${name}`,
      });
      response.end(request.method === 'HEAD' ? undefined : bytes);
      return;
    }
    case 'PUT': {
      const body = await readBody(request);
      await artifacts.put(key, body, request.headers['content-type']);
      response.writeHead(200, { 'content-length': 0 }).end();
      return;
    }
    case 'DELETE':
      await artifacts.delete(key);
      return sendJson(response, 200, {});
    default:
      throw new ApiError('METHOD_NOT_ALLOWED', `No ${request.method} of an artifact`);
  }
}

function queryFields(query: string): Record<string, unknown> {
  const params = new URLSearchParams(query);
  return Object.fromEntries(
    [...new Set(params.keys())].map((name) => [
      name,
      params.getAll(name).length > 1 ? params.getAll(name) : params.get(name),
    ]),
  );
}

/** Malformed JSON counts as {}, as it does for MLflow; a body of another type is refused. */
async function bodyFields(request: IncomingMessage): Promise<Fields> {
  const type = request.headers['content-type'] ?? '';
  const body = await readBody(request);
  if (!type.startsWith('application/json'))
    throw invalid(`Bad Request. Content-Type must be one of ['application/json'], got '${type}'.`);
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return new Fields(
      typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {},
    );
  } catch {
    return new Fields({});
  }
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > MAX_BODY) throw invalid(`expected a body of at most ${MAX_BODY} bytes, got more`);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  response
    .writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) })
    .end(text);
}

function sendText(response: ServerResponse, text: string): void {
  response.writeHead(200, { 'content-type': 'text/plain' }).end(text);
}
