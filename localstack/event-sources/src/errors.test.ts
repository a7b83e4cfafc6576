import { expect, it } from 'vitest';
import { describeError, EventSourceError } from './errors.ts';

it('describes an error by name, code, message and whether it is retryable', () => {
  const error = new EventSourceError('expected a, got b', { code: 'STOPPED', retryable: true });
  expect(describeError(error)).toEqual({
    name: 'EventSourceError',
    code: 'STOPPED',
    message: 'expected a, got b',
    retryable: true,
    stack: error.stack,
  });
});

it('describes whatever else can be thrown', () => {
  expect(describeError('text')).toEqual({
    name: 'string',
    code: 'UNKNOWN',
    message: 'text',
    retryable: null,
  });
  expect(describeError(undefined)).toMatchObject({ name: 'undefined', code: 'UNKNOWN' });
  expect(describeError(Object.assign(new Error('x'), { code: 7 }))).toMatchObject({
    code: '7',
    retryable: null,
  });
});
