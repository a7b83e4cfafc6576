// The handler of every function in the pool: runs in a worker thread, calls the real handler, and answers whatever
// that does. An uncaught exception or a process.exit there would otherwise end the whole of serverless-offline, an
// answer that cannot be cloned as well.
import { describeError, EventSourceError, type ErrorDescription } from './errors.ts';
import { HANDLER_VARIABLE } from './lambda/handler-variable.ts';
import type { ShimAnswer } from './shim/answer.ts';
import { callHandler } from './shim/call-handler.ts';
import { loadHandler, type Handler } from './shim/load-handler.ts';

let loaded: Promise<Handler> | undefined;
let broken: ErrorDescription | undefined;
let failCurrent: ((error: ErrorDescription) => void) | undefined;

process.on('uncaughtException', (error) => breakWorker(describeError(error)));
process.on('unhandledRejection', (reason) => breakWorker(describeError(reason)));
process.exit = exit;

/** Never rejects. */
export async function handler(event: unknown, context: object): Promise<ShimAnswer> {
  if (broken !== undefined) return { ok: false, error: broken, recycle: true, stale: true };
  const path = takeHandlerPath();
  const failed = new Promise<ErrorDescription>((resolve) => (failCurrent = resolve));
  try {
    loaded ??= loadHandler(path);
    const real = await orFailure(loaded, failed);
    const result = await orFailure(callHandler(real, event, context), failed);
    return { ok: true, result: toJson(result) };
  } catch (cause) {
    const isLoadFailure = await loaded?.then(
      () => false,
      () => true,
    );
    const recycle = broken !== undefined || isLoadFailure !== false;
    return { ok: false, error: broken ?? describeError(cause), recycle, stale: false };
  } finally {
    failCurrent = undefined;
  }
}

async function orFailure<T>(promise: Promise<T>, failed: Promise<ErrorDescription>): Promise<T> {
  return Promise.race([
    promise,
    failed.then((error) => {
      throw new Error(error.message);
    }),
  ]);
}

function breakWorker(error: ErrorDescription): void {
  broken ??= error;
  failCurrent?.(broken);
}

/** On Lambda, too, an exit ends the execution environment and fails the invoke. */
function exit(code?: number | string | null): never {
  const error = new EventSourceError(`the function ended its process with exit status ${code ?? 0}`, {
    name: 'Runtime.ExitError',
    code: 'FUNCTION_EXITED',
    retryable: true,
  });
  breakWorker(describeError(error));
  throw error;
}

/** serverless-offline sets the pool's environment again at every invoke: the handler is to see its own. */
function takeHandlerPath(): string {
  const path = process.env[HANDLER_VARIABLE] ?? '';
  delete process.env[HANDLER_VARIABLE];
  process.env['_HANDLER'] = path;
  return path;
}

function toJson(result: unknown): unknown {
  if (result === undefined) return null;
  try {
    const text: string | undefined = JSON.stringify(result);
    return text === undefined ? null : JSON.parse(text);
  } catch (cause) {
    throw new EventSourceError('expected an answer that JSON can carry', {
      name: 'Runtime.MarshalError',
      code: 'FUNCTION_RESPONSE_INVALID',
      retryable: true,
      cause,
    });
  }
}
