// Finds a function's handler as Lambda does: `<path of the module>.<export>`.
import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { EventSourceError } from '../errors.ts';

export type Handler = (event: unknown, context: object, callback: Callback) => unknown;
export type Callback = (error?: unknown, result?: unknown) => void;

const EXTENSIONS = ['.js', '.mjs', '.cjs'];

/**
 * @param handler absolute, such as /service/dist/train/handler.handler
 * @throws EventSourceError HANDLER_NOT_FOUND; whatever the module throws while it loads.
 */
export async function loadHandler(handler: string): Promise<Handler> {
  const name = basename(handler);
  const dot = name.indexOf('.');
  const path = join(dirname(handler), name.slice(0, dot));
  const file = EXTENSIONS.map((extension) => path + extension).find((candidate) => existsSync(candidate));
  if (dot <= 0 || file === undefined) {
    throw notFound(`expected a module at ${path}{${EXTENSIONS.join(',')}}, got none (built?)`);
  }
  const module: unknown = await import(pathToFileURL(file).href);
  const exportPath = name.slice(dot + 1).split('.');
  const found = readPath(module, exportPath) ?? readPath(readPath(module, ['default']), exportPath);
  if (!isHandler(found)) throw notFound(`expected ${file} to export the function ${exportPath.join('.')}`);
  return found;
}

function readPath(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (inner, key) => (typeof inner === 'object' && inner !== null ? Reflect.get(inner, key) : undefined),
    value,
  );
}

function isHandler(value: unknown): value is Handler {
  return typeof value === 'function';
}

function notFound(message: string): EventSourceError {
  return new EventSourceError(message, {
    name: 'Runtime.HandlerNotFound',
    code: 'HANDLER_NOT_FOUND',
    retryable: false,
  });
}
