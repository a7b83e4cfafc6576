// Calls a handler in whichever of Lambda's styles it is written: async, callback, or context.done.
import type { Callback, Handler } from './load-handler.ts';

const CALLBACK_ARITY = 3;

/** Resolves to what the handler answers. A handler that takes no callback and returns no promise answers null. */
export function callHandler(handler: Handler, event: unknown, context: object): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const callback: Callback = (error, result) => {
      if (error === null || error === undefined) resolve(result);
      else reject(error);
    };
    const ownContext = {
      ...context,
      callbackWaitsForEmptyEventLoop: true,
      done: callback,
      succeed: (result: unknown) => callback(null, result),
      fail: (error: unknown) => callback(error ?? new Error('context.fail')),
    };
    const returned = handler(event, ownContext, callback);
    if (isThenable(returned)) returned.then(resolve, reject);
    else if (handler.length < CALLBACK_ARITY) resolve(null);
  });
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof Reflect.get(value, 'then') === 'function';
}
