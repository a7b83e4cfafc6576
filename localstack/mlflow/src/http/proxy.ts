import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ArtifactStore } from '../artifacts/store.ts';
import { safePath } from '../artifacts/path.ts';
import { RouteError } from '../errors.ts';
import { readBody } from './body.ts';
import { sendJson } from './answers.ts';

/** Artifact bytes, on their way between a client and the object store. */
export async function proxy(
  request: IncomingMessage,
  response: ServerResponse,
  { artifacts, path, query }: { artifacts: ArtifactStore; path: string; query: string },
): Promise<void> {
  if (request.method === 'GET' && path === '') {
    const asked = new URLSearchParams(query).get('path') ?? '';
    const files = await artifacts.list(asked === '' ? '' : safePath(asked), '');
    return sendJson(response, 200, files.length > 0 ? { files } : {});
  }
  if (request.method === 'PUT' && path.endsWith('/'))
    return sendJson(response, 400, { detail: `expected the path of a file, got the folder ${path}` });
  const key = safePath(path);
  switch (request.method) {
    case 'GET':
    case 'HEAD':
      return sendFile(request, response, { artifacts, key });
    case 'PUT':
      await artifacts.put(key, await readBody(request), request.headers['content-type']);
      response.writeHead(200, { 'content-length': 0 }).end();
      return;
    case 'DELETE':
      await artifacts.delete(key);
      return sendJson(response, 200, {});
    default:
      throw new RouteError(405, `No ${request.method} of an artifact`);
  }
}

async function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  { artifacts, key }: { artifacts: ArtifactStore; key: string },
): Promise<void> {
  const { bytes, contentType } = await artifacts.get(key);
  response.writeHead(200, {
    'content-type': contentType,
    'content-length': bytes.length,
    'content-disposition': `attachment; ${fileName(key.split('/').at(-1) ?? '')}`,
    'x-content-type-options': 'nosniff',
  });
  response.end(request.method === 'HEAD' ? undefined : bytes);
}

function fileName(name: string): string {
  return /^[\w.-]+$/u.test(name) ? `filename=${name}` : `filename*=UTF-8''${encodeURIComponent(name)}`;
}
