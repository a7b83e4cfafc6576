// From an HTTP request to its answer: parse, authorize, route, run; whatever goes wrong becomes S3's error document.
import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { refusalOf } from '../../../http/foreign.ts';
import { authorize } from '../auth/authorize.ts';
import type { Credentials } from '../credentials.ts';
import { errnoOf, S3Error } from '../errors.ts';
import type { Log } from '../log.ts';
import { hostId } from '../notifications/event-record.ts';
import type { Services } from '../operations/context.ts';
import { findOperation } from '../operations/routes.ts';
import { errorReply, type Reply, send } from './reply.ts';
import { parseRequest } from './request.ts';

export interface HandlerOptions {
  readonly services: Services;
  readonly credentials: Credentials;
  /** Names by which clients reach the server beside the loopback ones. */
  readonly allowedHosts: readonly string[];
  readonly now: () => Date;
  readonly log: Log;
}

export type Handler = (
  message: IncomingMessage,
  response: ServerResponse,
  continueBody?: () => void,
) => Promise<void>;

export function createHandler(options: HandlerOptions): Handler {
  return async (message, response, continueBody) => {
    const requestId = randomBytes(8).toString('hex').toUpperCase();
    response.setHeader('date', options.now().toUTCString());
    response.setHeader('server', 'flts-s3');
    response.setHeader('x-amz-request-id', requestId);
    response.setHeader('x-amz-id-2', hostId(requestId));
    let bodyAsked = continueBody === undefined;
    const askForBody = (): void => {
      if (!bodyAsked) continueBody?.();
      bodyAsked = true;
    };
    const reply = await answer(message, { ...options, requestId, continueBody: askForBody });
    // A client that still waits for permission may or may not send its body: what follows could be either.
    if (!bodyAsked || options.services.closing()) response.setHeader('connection', 'close');
    try {
      await send(response, reply, message.method ?? 'GET');
    } catch (cause) {
      response.destroy();
      if (!isDisconnect(cause))
        options.log({
          level: 'error',
          code: 'ANSWER_FAILED',
          message: `${message.method} ${message.url}`,
          cause,
        });
    }
  };
}

interface AnswerOptions extends HandlerOptions {
  readonly requestId: string;
  readonly continueBody: () => void;
}

async function answer(message: IncomingMessage, options: AnswerOptions): Promise<Reply> {
  const { services, credentials, requestId, continueBody } = options;
  try {
    if (services.closing()) throw new S3Error('ServiceUnavailable');
    const refusal = refusalOf(message.headers, options.allowedHosts);
    if (refusal !== undefined) throw new S3Error('AccessDenied', refusal.message);
    const request = parseRequest(message, { requestId, continueBody });
    const authorization = await authorize(request, credentials, options.now());
    return await findOperation(request)({ request, authorization, services });
  } catch (cause) {
    const error = cause instanceof S3Error ? cause : new S3Error('InternalError', undefined, { cause });
    if (error.status >= 500 && error.code === 'InternalError') {
      options.log({
        level: 'error',
        code: error.code,
        message: `${message.method} ${message.url}: ${String(cause)}`,
        cause,
      });
    }
    return errorReply(error, { resource: (message.url ?? '/').split('?')[0] ?? '/', requestId });
  }
}

function isDisconnect(error: unknown): boolean {
  const code = errnoOf(error) ?? '';
  return ['ECONNRESET', 'EPIPE', 'ERR_STREAM_PREMATURE_CLOSE', 'ERR_STREAM_DESTROYED'].includes(code);
}
