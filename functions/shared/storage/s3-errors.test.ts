import { describe, expect, it } from 'vitest';
import { DataError } from '../errors.ts';
import { storageError } from './s3-errors.ts';

/** As the SDK throws it; 0: no answer came. */
function answer(name: string, httpStatusCode: number, fields: object = {}): Error {
  const metadata = httpStatusCode === 0 ? {} : { $metadata: { httpStatusCode } };
  return Object.assign(new Error('said so'), { name }, metadata, fields);
}

describe('an answer of S3', () => {
  it.each([
    ['InternalError', 500],
    ['ServiceUnavailable', 503],
    ['XMinioStorageFull', 507],
    ['SlowDown', 503],
    ['TooManyRequests', 429],
    ['RequestTimeout', 400],
    ['AccessDenied', 403],
    ['InvalidAccessKeyId', 403],
    ['403', 403],
    ['ExpiredToken', 400],
    ['AuthorizationHeaderMalformed', 400],
    ['NoSuchBucket', 404],
    ['OperationAborted', 409],
    ['PermanentRedirect', 301],
    ['CredentialsProviderError', 0],
    ['TimeoutError', 0],
  ])('passes, or is the operator’s to mend: %s %i', (name, status) => {
    expect(storageError('dataset', 'k', answer(name, status))).toMatchObject({
      name: 'ServiceError',
      code: 'storage_unavailable',
      retryable: true,
      message: expect.stringContaining(`dataset/k, got ${name}`),
    });
  });

  it.each([
    ['KeyTooLongError', 400],
    ['InvalidArgument', 400],
    ['EntityTooLarge', 400],
    ['XMinioInvalidObjectName', 400],
    ['MethodNotAllowed', 405],
    ['InvalidRange', 416],
    ['NotImplemented', 411],
  ])('that refuses the request is final: %s %i', (name, status) => {
    expect(storageError('b', 'k', answer(name, status))).toMatchObject({
      code: 'storage_refused',
      retryable: false,
    });
  });

  it.each([
    ['to HEAD, without a word', answer('UnknownError', 400)],
    ['that is none, for a reason nobody knows', answer('Error', 0)],
  ])('%s, may be anything', (_, cause) => {
    expect(storageError('b', 'k', cause)).toMatchObject({
      code: 'storage_unavailable',
      retryable: null,
      cause,
    });
  });

  it('that the SDK would try again passes, and so does a network', () => {
    const byTrait = answer('Odd', 400, { $retryable: { throttling: true } });
    const socket = answer('Error', 0, { code: 'ECONNRESET' });
    expect([byTrait, socket].map((cause) => storageError('b', 'k', cause).retryable)).toEqual([true, true]);
  });

  it('that there is no such bucket is final where a message has named it', () => {
    expect(storageError('elsewhere', 'k', answer('NoSuchBucket', 404)).retryable).toBe(false);
  });

  it('is final where the program is wrong, and an error of ours stays', () => {
    expect(storageError('b', 'k', new TypeError('x')).retryable).toBe(false);
    const own = new DataError('file_empty', 'x');
    expect(storageError('b', 'k', own)).toBe(own);
  });
});
