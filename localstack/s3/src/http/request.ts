// What the operations see of an HTTP request: path-style bucket and key, query, headers; the body is in payload/.
import type { IncomingMessage } from 'node:http';
import { S3Error } from '../errors.ts';
import { headerText } from './reply.ts';

export interface S3Request {
  readonly method: string;
  /** The path as sent, still percent-encoded, without the query: what the signature covers. */
  readonly rawPath: string;
  readonly bucket: string | undefined;
  /** Decoded; undefined where the path ends at the bucket. */
  readonly key: string | undefined;
  readonly query: ReadonlyMap<string, string>;
  /** Names in lower case. Of a presigned request, x-amz-* query parameters count as headers too. */
  readonly headers: ReadonlyMap<string, string>;
  /** Only the headers that were sent as such. */
  readonly sentHeaders: ReadonlyMap<string, string>;
  readonly requestId: string;
  readonly sourceIp: string;
  readonly message: IncomingMessage;
  /** Asks a client that waits for it (Expect: 100-continue) to send its body. */
  readonly continueBody: () => void;
}

export interface RequestOptions {
  readonly requestId: string;
  readonly continueBody: () => void;
}

const MAX_KEY_BYTES = 1024;

export function parseRequest(message: IncomingMessage, options: RequestOptions): S3Request {
  const target = message.url ?? '/';
  const mark = target.indexOf('?');
  const rawPath = mark < 0 ? target : target.slice(0, mark);
  const query = parseQuery(mark < 0 ? '' : target.slice(mark + 1));
  const sentHeaders = flattenHeaders(message);
  return {
    method: message.method ?? 'GET',
    rawPath,
    ...parsePath(rawPath),
    query,
    headers: query.has('X-Amz-Signature') ? withHoistedHeaders(sentHeaders, query) : sentHeaders,
    sentHeaders,
    requestId: options.requestId,
    sourceIp: message.socket.remoteAddress ?? '',
    message,
    continueBody: options.continueBody,
  };
}

/** Not through URL: it would fold `..` and `//`, which are ordinary parts of a key. */
function parsePath(rawPath: string): { bucket: string | undefined; key: string | undefined } {
  const slash = rawPath.indexOf('/', 1);
  const bucket = decode(slash < 0 ? rawPath.slice(1) : rawPath.slice(1, slash));
  const key = slash < 0 ? '' : decode(rawPath.slice(slash + 1));
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) {
    throw new S3Error(
      'KeyTooLongError',
      `expected a key of at most ${MAX_KEY_BYTES} bytes, got ${Buffer.byteLength(key)}`,
    );
  }
  return { bucket: bucket === '' ? undefined : bucket, key: key === '' ? undefined : key };
}

function parseQuery(text: string): Map<string, string> {
  const query = new Map<string, string>();
  for (const pair of text.split('&')) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const name = equals < 0 ? pair : pair.slice(0, equals);
    query.set(decodeForm(name), equals < 0 ? '' : decodeForm(pair.slice(equals + 1)));
  }
  return query;
}

function decodeForm(text: string): string {
  return decode(text.replaceAll('+', '%20'));
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw new S3Error('InvalidURI', `expected percent-encoded UTF-8, got ${JSON.stringify(text)}`, { cause });
  }
}

function flattenHeaders(message: IncomingMessage): Map<string, string> {
  const headers = new Map<string, string>();
  for (const [name, value] of Object.entries(message.headers)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(',') : value);
  }
  return headers;
}

/**
 * A presigner moves x-amz-* headers into the query. Checksums are left out: SDKs with their default settings put the
 * checksum of an empty body there, long before the body is known.
 */
function withHoistedHeaders(
  sent: ReadonlyMap<string, string>,
  query: ReadonlyMap<string, string>,
): Map<string, string> {
  const headers = new Map(sent);
  for (const [name, value] of query) {
    const lower = name.toLowerCase();
    const hoisted =
      lower.startsWith('x-amz-') &&
      !/^x-amz-(checksum-|sdk-|algorithm$|credential$|date$|expires$|sign)/.test(lower);
    if (hoisted && !headers.has(lower)) headers.set(lower, headerText(value));
  }
  return headers;
}
