import type { IncomingMessage } from 'node:http';
import { invalid } from '../errors.ts';
import { Fields } from '../routes/fields.ts';

/** Bytes of the largest body taken: it is held in memory on its way to the object store. */
export const MAX_BODY = 512 * 1024 * 1024;

export function queryFields(query: string): Fields {
  const params = new URLSearchParams(query);
  return new Fields(
    Object.fromEntries(
      [...new Set(params.keys())].map((name) => [
        name,
        params.getAll(name).length > 1 ? params.getAll(name) : params.get(name),
      ]),
    ),
  );
}

/** Malformed JSON counts as {}, as it does for MLflow; a body of another type is refused. */
export async function bodyFields(request: IncomingMessage): Promise<Fields> {
  const type = request.headers['content-type'];
  const body = await readBody(request);
  if (type === undefined) throw invalid('Bad Request. Content-Type header is missing.');
  if (!/^application\/json\s*(?:;|$)/iu.test(type))
    throw invalid(`Bad Request. Content-Type must be one of ['application/json'], got '${type}'.`);
  return new Fields(parseObject(body.toString('utf8')));
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
  } catch {
    return {};
  }
}

/** @throws ApiError for one of more than MAX_BODY bytes; an error of the connection where the client left */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const announced = Number(request.headers['content-length'] ?? 0);
  if (announced > MAX_BODY) throw tooLarge(announced);
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > MAX_BODY) throw tooLarge(size);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

function tooLarge(size: number): Error {
  return invalid(`expected a body of at most ${MAX_BODY} bytes, got ${size}`);
}
