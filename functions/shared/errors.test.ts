import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { DataError, describeError, FltsError, retryableOf, ServiceError, tryTwice } from './errors.ts';

describe('an error of the application', () => {
  it('carries name, code, cause and what becomes of it', () => {
    const cause = new Error('ECONNREFUSED');
    const error = new ServiceError('broker_unavailable', 'expected the broker, got silence', { cause });
    expect(error).toMatchObject({
      name: 'ServiceError',
      code: 'broker_unavailable',
      message: 'expected the broker, got silence',
      cause,
      retryable: true,
      status: 503,
      retryAfterS: undefined,
    });
    expect(error).toBeInstanceOf(FltsError);
  });

  it('is not retryable unless it says so, and answers 500; 503 where retryable; 400 where data is at fault', () => {
    expect(new FltsError('internal', 'x')).toMatchObject({ retryable: false, status: 500 });
    expect(new FltsError('lease_held', 'x', { retryable: true })).toMatchObject({
      retryable: true,
      status: 503,
    });
    expect(new DataError('row_ragged', 'x')).toMatchObject({
      name: 'DataError',
      retryable: false,
      status: 400,
    });
    expect(new DataError('identifier_unknown', 'x', { status: 404 })).toMatchObject({ status: 404 });
    expect(new ServiceError('tracking_refused', 'x', { retryable: false })).toMatchObject({
      retryable: false,
    });
  });
});

describe('the description of a thrown value', () => {
  it('keeps what an error of another package says of itself', () => {
    const foreign = Object.assign(new RangeError('far out'), { code: 'loss_diverged', retryable: false });
    expect(describeError(foreign)).toEqual({
      name: 'RangeError',
      code: 'loss_diverged',
      message: 'far out',
      retryable: false,
    });
  });

  it('of what says nothing is name, message and `internal`', () => {
    expect(describeError(new TypeError('x'))).toEqual({
      name: 'TypeError',
      code: 'internal',
      message: 'x',
      retryable: false,
    });
    expect(describeError('what')).toMatchObject({ name: 'Error', code: 'internal', message: 'what' });
    expect(describeError(Object.assign(new Error('x'), { code: 7 }))).toMatchObject({ code: 'internal' });
  });
});

const withCode = (code: string, cause?: unknown): Error =>
  Object.assign(new Error(code, { cause }), { code });
const trap = (): unknown => {
  const unreachable = Uint8Array.from([
    0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 8, 1, 0, 10, 5, 1, 3, 0, 0, 11,
  ]);
  try {
    return new WebAssembly.Instance(new WebAssembly.Module(unreachable));
  } catch (thrown) {
    return thrown;
  }
};

describe('whether another attempt may succeed', () => {
  it.each([
    ['an error that says yes', new ServiceError('storage_unavailable', 'x'), true],
    ['an error that says no', new DataError('row_ragged', 'x'), false],
    ['an error that does not know', new ServiceError('storage_unavailable', 'x', { retryable: null }), null],
    ['a connection that was cut', withCode('ECONNRESET'), true],
    ['a disk that is full', withCode('ENOSPC'), true],
    [
      'what fetch throws of a network',
      new TypeError('fetch failed', { cause: withCode('ECONNREFUSED') }),
      true,
    ],
    ['a time that is over', new DOMException('x', 'TimeoutError'), true],
    ['a program that is wrong', new TypeError('x is undefined'), false],
    ['a number out of range', new RangeError('x'), false],
    ['a name that is none', new ReferenceError('x'), false],
    ['text that is no URI', new URIError('x'), false],
    ['a message of another shape', z.string().safeParse(1).error, false],
    ['a trap of WebAssembly', trap(), false],
    ['an error of no known kind', new Error('x'), null],
    ['an error whose retryable is no answer', Object.assign(new Error('x'), { retryable: 'no' }), null],
    ['no error at all', 'what', null],
  ])('%s', (_, thrown, retryable) => {
    expect(retryableOf(thrown)).toBe(retryable);
  });

  it.each([
    ['once more where nobody can tell', new Error('x'), 2],
    ['no more where it cannot', new TypeError('x'), 1],
    ['no more where it may later', new ServiceError('storage_unavailable', 'x'), 1],
  ])('is tried at once: %s', async (_, error, times) => {
    let tries = 0;
    const failing = tryTwice(() => {
      tries += 1;
      return Promise.reject(error);
    });
    await expect(failing).rejects.toBe(error);
    expect(tries).toBe(times);
  });
});
