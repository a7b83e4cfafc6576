import { describe, expect, it } from 'vitest';
import { DataError, describeError, FltsError, ServiceError } from './errors.ts';

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

  it('counts what says nothing as retryable: the attempts decide', () => {
    expect(describeError(new TypeError('x'))).toEqual({
      name: 'TypeError',
      code: 'internal',
      message: 'x',
      retryable: true,
    });
    expect(describeError('what')).toEqual({
      name: 'Error',
      code: 'internal',
      message: 'what',
      retryable: true,
    });
    const odd = Object.assign(new Error('x'), { code: 7, retryable: 'no' });
    expect(describeError(odd)).toMatchObject({ code: 'internal', retryable: true });
  });
});
