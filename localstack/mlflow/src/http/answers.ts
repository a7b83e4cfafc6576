import type { IncomingMessage, ServerResponse } from 'node:http';
import { ApiError, ForeignError, RouteError } from '../errors.ts';

export type Log = (event: Record<string, unknown>) => void;

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  send(response, { status, type: 'application/json', text: JSON.stringify(body) });
}

export function sendText(response: ServerResponse, text: string): void {
  send(response, { status: 200, type: 'text/plain; charset=utf-8', text });
}

/** Whatever went wrong; a client that left is owed no answer. */
export function sendError(
  request: IncomingMessage,
  response: ServerResponse,
  { cause, log }: { cause: unknown; log: Log },
): void {
  if (response.headersSent || request.socket.destroyed) {
    log({ level: 'info', event: 'client_left', method: request.method, url: request.url });
    response.destroy();
    return;
  }
  // What was not read of the body must not be taken for the next request.
  if (!request.complete) response.setHeader('connection', 'close');
  if (cause instanceof ApiError) return sendJson(response, cause.status, cause);
  if (cause instanceof RouteError) {
    const title = cause.status === 404 ? 'Not Found' : 'Method Not Allowed';
    const text = `<!doctype html>\n<title>${cause.status} ${title}</title>\n<h1>${title}</h1>\n`;
    return send(response, { status: cause.status, type: 'text/html; charset=utf-8', text });
  }
  if (cause instanceof ForeignError)
    return send(response, { status: cause.status, type: 'text/plain; charset=utf-8', text: cause.message });
  const { method, url } = request;
  log({ level: 'error', event: 'request_failed', method, url, cause: String(cause) });
  send(response, { status: 500, type: 'text/plain; charset=utf-8', text: 'Internal Server Error' });
}

function send(
  response: ServerResponse,
  { status, type, text }: { status: number; type: string; text: string },
): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(text) }).end(text);
}
