import { describe, expect, it } from 'vitest';
import { callHandler } from './call-handler.ts';
import type { Handler } from './load-handler.ts';

interface Context {
  readonly awsRequestId: string;
  readonly done: (error?: unknown, result?: unknown) => void;
  readonly succeed: (result: unknown) => void;
  readonly fail: (error: unknown) => void;
}

const call = (handler: (event: unknown, context: Context) => unknown) =>
  callHandler(handler as Handler, 'event', { awsRequestId: 'id' });

describe('callHandler', () => {
  it('awaits an async handler, which sees event and context', async () => {
    expect(await call((event, context) => Promise.resolve([event, context.awsRequestId]))).toEqual([
      'event',
      'id',
    ]);
    await expect(call(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    await expect(
      call(() => {
        throw new Error('at once');
      }),
    ).rejects.toThrow('at once');
  });

  it('waits for the callback of a handler that takes one', async () => {
    const answers: Handler = (_event, _context, callback) => void setImmediate(callback, null, 'late');
    const fails: Handler = (_event, _context, callback) => void setImmediate(callback, new Error('no'));
    expect(await callHandler(answers, null, {})).toBe('late');
    await expect(callHandler(fails, null, {})).rejects.toThrow('no');
  });

  it('takes done, succeed and fail of the context', async () => {
    expect(await call((_, context) => context.done(null, 1))).toBe(1);
    expect(await call((_, context) => context.succeed(2))).toBe(2);
    await expect(call((_, context) => context.fail(new Error('no')))).rejects.toThrow('no');
  });

  it('answers null for a handler that returns at once without a callback', async () => {
    expect(await call(() => 'ignored, as on Lambda')).toBeNull();
  });
});
