// Closes the doors that serverless-offline leaves open: any web page may call its HTTP API, by any name and with the
// answers readable, and its Lambda API runs any function with any event.
import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { refusalOf } from '../../../http/foreign.ts';
import { EventSourceError } from '../errors.ts';

/** What is used of hapi. */
interface HapiRequest {
  readonly headers: { host?: string; origin?: string; 'x-request-id'?: string };
}
interface HapiResponse {
  readonly code: (status: number) => HapiResponse;
  readonly header: (name: string, value: string) => HapiResponse;
  readonly takeover: () => symbol;
}
interface HapiToolkit {
  readonly continue: symbol;
  readonly response: (body: object) => HapiResponse;
}
interface HapiServer {
  readonly ext: (event: 'onRequest', method: (request: HapiRequest, h: HapiToolkit) => symbol) => void;
}
/** What is used of serverless-offline's class for its HTTP API. */
interface HttpServer {
  createServer(): Promise<void>;
  readonly getServer: () => HapiServer | undefined;
}

const guarded = new WeakSet<object>();

/**
 * To be called before `offline start` makes its servers. From then on requests whose Host or Origin is foreign are refused
 * before any function sees them, preflights too; no answer allows another origin; and the Lambda API does not listen.
 * @throws EventSourceError HTTP_GUARD_FAILED where serverless-offline is not as this expects it: better no server than an open one
 */
export async function guardHttp(serviceDir: string, allowedHosts: readonly string[]): Promise<void> {
  const http = await prototypeOf(serviceDir, 'events/http/HttpServer.js', ['createServer', 'getServer']);
  const lambda = await prototypeOf(serviceDir, 'lambda/HttpServer.js', ['start', 'stop']);
  if (guarded.has(http)) return;
  guarded.add(http);
  Object.assign(lambda, { start: () => Promise.resolve(), stop: () => Promise.resolve() });
  const createServer: unknown = Reflect.get(http, 'createServer');
  Object.assign(http, {
    async createServer(this: HttpServer): Promise<void> {
      if (typeof createServer === 'function') await Reflect.apply(createServer, this, []);
      const server = this.getServer();
      if (typeof server?.ext !== 'function') throw unexpected('a hapi server of getServer()');
      server.ext('onRequest', (request, h) => refuseForeign(request, h, allowedHosts));
    },
  });
}

function refuseForeign({ headers }: HapiRequest, h: HapiToolkit, allowedHosts: readonly string[]): symbol {
  const refusal = refusalOf(headers, allowedHosts);
  // Where it is left, serverless-offline allows this origin to read the answer, and grants whatever a preflight asks.
  delete headers.origin;
  if (refusal === undefined) return h.continue;
  const { code, message } = refusal;
  const req_id = headers['x-request-id'] ?? randomUUID();
  return h
    .response({ status: 'ERROR', error: { name: 'ForeignRequest', code, message }, req_id })
    .code(code === 'HOST_FOREIGN' ? 421 : 403)
    .header('x-content-type-options', 'nosniff')
    .takeover();
}

/** The methods of a class of serverless-offline's that its package does not export. */
async function prototypeOf(serviceDir: string, path: string, methods: readonly string[]): Promise<object> {
  const main = createRequire(join(serviceDir, 'package.json')).resolve('serverless-offline');
  const file = join(dirname(main), path);
  const module: unknown = await import(pathToFileURL(file).href).catch((cause: unknown) => {
    throw unexpected(`a class in ${file}`, cause);
  });
  const found: unknown = Reflect.get(Object(module), 'default');
  const prototype: unknown = typeof found === 'function' ? found.prototype : undefined;
  if (typeof prototype !== 'object' || prototype === null) throw unexpected(`a class in ${file}`);
  for (const method of methods)
    if (typeof Reflect.get(prototype, method) !== 'function')
      throw unexpected(`the method ${method} in ${file}`);
  return prototype;
}

function unexpected(expected: string, cause?: unknown): EventSourceError {
  return new EventSourceError(
    `expected ${expected}, which foreign requests are kept out by, got none: is this serverless-offline 14?`,
    { code: 'HTTP_GUARD_FAILED', retryable: false, ...(cause === undefined ? {} : { cause }) },
  );
}
