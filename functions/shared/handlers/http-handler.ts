import middy from '@middy/core';
import type { APIGatewayProxyEvent, APIGatewayProxyResult, Context } from 'aws-lambda';
import { randomUUID } from 'node:crypto';
import { describeError, FltsError } from '../errors.ts';
import type { Log } from '../log.ts';

export interface HttpRequest {
  readonly method: string;
  readonly path: string;
  /** The route's pattern, e.g. `/download/{bucket}/{key+}`. */
  readonly resource: string;
  /** Decoded. */
  readonly pathParameters: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** `x-request-id` of the caller, else a new one; echoed in the answer. */
  readonly requestId: string;
  readonly remainingMs: () => number;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object is sent as JSON, a string as it is, bytes as base64 for the gateway to decode. */
  readonly body?: unknown;
}

/** Wraps a route: decodes the request, echoes the request id and answers every error as the contract's JSON. */
export function httpHandler(
  respond: (request: HttpRequest) => Promise<HttpResponse>,
  log: () => Log,
): (event: APIGatewayProxyEvent, context: Context) => Promise<APIGatewayProxyResult> {
  return middy<APIGatewayProxyEvent, APIGatewayProxyResult>(
    async (event: APIGatewayProxyEvent, context: Context) => {
      const request = toRequest(event, context);
      try {
        return toResult(await respond(request), request.requestId);
      } catch (cause) {
        return toResult(errorResponse(cause, request, log()), request.requestId);
      }
    },
  );
}

function toRequest(event: APIGatewayProxyEvent, context: Context): HttpRequest {
  const headers = Object.fromEntries(
    Object.entries(event.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value ?? '']),
  );
  return {
    method: event.httpMethod,
    path: event.path,
    resource: event.resource,
    pathParameters: defined(event.pathParameters),
    query: defined(event.queryStringParameters),
    headers,
    body: Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8'),
    requestId: headers['x-request-id'] ?? randomUUID(),
    remainingMs: () => context.getRemainingTimeInMillis(),
  };
}

function defined(map: Record<string, string | undefined> | null | undefined): Record<string, string> {
  return Object.fromEntries(
    Object.entries(map ?? {}).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value] as const],
    ),
  );
}

function errorResponse(cause: unknown, request: HttpRequest, log: Log): HttpResponse {
  const { name, code, message } = describeError(cause);
  const status = cause instanceof FltsError ? cause.status : 500;
  const fields = {
    event: 'request_failed',
    method: request.method,
    path: request.path,
    status,
    name,
    code,
    message,
    req_id: request.requestId,
  };
  if (status >= 500) log.error({ ...fields, stack: cause instanceof Error ? cause.stack : undefined });
  else log.info(fields);
  const retryAfterS = cause instanceof FltsError ? cause.retryAfterS : undefined;
  const headers = {
    ...(retryAfterS === undefined ? {} : { 'retry-after': String(retryAfterS) }),
    ...(status === 401 ? { 'www-authenticate': 'Bearer' } : {}),
  };
  return {
    status,
    headers,
    body: { status: 'ERROR', error: { name, code, message }, req_id: request.requestId },
  };
}

function toResult({ status, headers = {}, body }: HttpResponse, requestId: string): APIGatewayProxyResult {
  const common = { statusCode: status };
  // A browser is to take an answer for what it is said to be.
  const always = { 'x-request-id': requestId, 'x-content-type-options': 'nosniff' };
  if (body instanceof Uint8Array) {
    return {
      ...common,
      headers: { 'content-type': 'application/octet-stream', ...always, ...headers },
      body: Buffer.from(body).toString('base64'),
      isBase64Encoded: true,
    };
  }
  const json = typeof body !== 'string';
  const type = json ? 'application/json; charset=utf-8' : 'text/plain; charset=utf-8';
  return {
    ...common,
    headers: { 'content-type': type, ...always, ...headers },
    body: json ? JSON.stringify(body ?? {}) : body,
  };
}

/** The request's JSON object; an empty body is {}. @throws FltsError request_invalid (400) */
export function jsonBody(request: HttpRequest): Record<string, unknown> {
  const text = request.body.toString('utf8');
  if (text.trim() === '') return {};
  try {
    const json: unknown = JSON.parse(text);
    if (typeof json === 'object' && json !== null && !Array.isArray(json)) return { ...json };
  } catch (cause) {
    throw new FltsError(
      'request_invalid',
      `expected a JSON object as body, got ${JSON.stringify(text.slice(0, 80))}`,
      { cause, status: 400 },
    );
  }
  throw new FltsError(
    'request_invalid',
    `expected a JSON object as body, got ${JSON.stringify(text.slice(0, 80))}`,
    { status: 400 },
  );
}
