// What an operation answers, and how that goes onto the wire.
import type { ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import type { S3Error } from '../errors.ts';
import { document, element, type XmlElement } from './xml.ts';

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Buffer | Readable;
}

export function xmlReply(root: XmlElement, headers: Readonly<Record<string, string>> = {}): Reply {
  return { status: 200, headers: { 'content-type': 'application/xml', ...headers }, body: document(root) };
}

export function emptyReply(status: number, headers: Readonly<Record<string, string>> = {}): Reply {
  return { status, headers: status === 200 ? { 'content-length': '0', ...headers } : headers };
}

export interface ErrorPlace {
  readonly resource: string;
  readonly requestId: string;
}

export function errorReply(error: S3Error, { resource, requestId }: ErrorPlace): Reply {
  if (error.status === 304) return { status: 304, headers: error.headers };
  const root = element('Error', [
    element('Code', error.code),
    element('Message', error.message),
    element('Resource', resource),
    element('RequestId', requestId),
  ]);
  return {
    status: error.status,
    headers: { 'content-type': 'application/xml', ...error.headers },
    body: document(root, ''),
  };
}

/** Sends it. A stream that fails half-way ends the connection, so that a client never takes it for complete. */
export async function send(response: ServerResponse, reply: Reply, method: string): Promise<void> {
  const { body } = reply;
  response.statusCode = reply.status;
  for (const [name, value] of Object.entries(reply.headers)) response.setHeader(name, value);
  if (body instanceof Readable) {
    await pipeline(body, response);
    return;
  }
  const withoutBody = method === 'HEAD' || reply.status === 204 || reply.status === 304;
  if (!withoutBody && body !== undefined) response.setHeader('content-length', Buffer.byteLength(body));
  response.end(withoutBody ? undefined : body);
}

/** Node reads and writes header values as Latin-1: a decoded text becomes its UTF-8 bytes in that guise. */
export function headerText(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}
