import { describe, expect, it } from 'vitest';
import { DataError, FltsError, ServiceError } from '../errors.ts';
import { context, httpEvent, type HttpFields } from '../testing/events.ts';
import { createMemoryLog } from '../testing/memory-services.ts';
import { httpHandler, jsonBody, type HttpRequest, type HttpResponse } from './http-handler.ts';

async function answerTo(
  respond: (request: HttpRequest) => HttpResponse | Promise<HttpResponse>,
  fields: HttpFields = {},
) {
  const log = createMemoryLog();
  const handler = httpHandler(
    async (request) => respond(request),
    () => log,
  );
  const answer = await handler(httpEvent(fields), context);
  const json = (): unknown => JSON.parse(answer.body);
  return { answer, json, log };
}

const fails = (error: unknown) => (): never => {
  throw error;
};

describe('a request', () => {
  it('reaches its route with lower-case headers, parameters and text body', async () => {
    let seen: HttpRequest | undefined;
    await answerTo(
      (request) => {
        seen = request;
        return { status: 200 };
      },
      {
        method: 'POST',
        resource: '/upload/{bucket}/{key+}',
        path: '/upload/dataset/a%20b',
        pathParameters: { bucket: 'dataset', key: 'a b' },
        query: { x: '1,2' },
        headers: { 'Content-Type': 'text/csv', 'X-Request-ID': 'mine' },
        body: 'Größe',
      },
    );
    expect(seen).toMatchObject({
      method: 'POST',
      resource: '/upload/{bucket}/{key+}',
      path: '/upload/dataset/a%20b',
      pathParameters: { bucket: 'dataset', key: 'a b' },
      query: { x: '1,2' },
      headers: { 'content-type': 'text/csv', 'x-request-id': 'mine' },
      body: Buffer.from('Größe'),
      requestId: 'mine',
    });
    expect(seen?.remainingMs()).toBe(60_000);
  });

  it('has its bytes decoded, and empty maps for what is absent', async () => {
    let seen: HttpRequest | undefined;
    const body = Buffer.from([0, 255, 128]);
    await answerTo(
      (request) => {
        seen = request;
        return { status: 200 };
      },
      { body },
    );
    expect(seen).toMatchObject({ body, query: {}, pathParameters: {} });
    expect(seen?.requestId).toMatch(/^[\da-f-]{36}$/u);
  });
});

describe('an answer', () => {
  it('is JSON for an object, and carries the request id', async () => {
    const { answer, json } = await answerTo(() => ({ status: 200, body: { a: 1 } }), {
      headers: { 'x-request-id': 'r-1' },
    });
    expect(answer).toMatchObject({
      statusCode: 200,
      headers: { 'content-type': 'application/json; charset=utf-8', 'x-request-id': 'r-1' },
    });
    expect(json()).toEqual({ a: 1 });
  });

  it('is text for a string, base64 for bytes; the route may say its type', async () => {
    const text = await answerTo(() => ({ status: 200, body: 'a_total 1' }));
    expect(text.answer).toMatchObject({
      body: 'a_total 1',
      headers: { 'content-type': 'text/plain; charset=utf-8' },
    });
    const bytes = await answerTo(() => ({
      status: 206,
      body: Buffer.from([0, 255]),
      headers: { 'content-type': 'text/csv' },
    }));
    expect(bytes.answer).toMatchObject({
      statusCode: 206,
      body: 'AP8=',
      isBase64Encoded: true,
      headers: { 'content-type': 'text/csv' },
    });
  });
});

describe('an error', () => {
  it.each([
    ['the data at fault', new DataError('column_missing', 'no load'), 400, 'column_missing'],
    ['its own status', new FltsError('body_too_large', 'too large', { status: 413 }), 413, 'body_too_large'],
    ['a service down', new ServiceError('storage_unavailable', 'no S3'), 503, 'storage_unavailable'],
    ['a mistake of ours', new TypeError('x is undefined'), 500, 'internal'],
    ['a thrown string', 'what', 500, 'internal'],
  ])('answers the one shape of errors: %s', async (_name, error, status, code) => {
    const { answer, json } = await answerTo(fails(error), { headers: { 'x-request-id': 'r-2' } });
    expect([answer.statusCode, answer.headers?.['x-request-id']]).toEqual([status, 'r-2']);
    const name = error instanceof Error ? error.name : 'Error';
    const message = error instanceof Error ? error.message : 'what';
    expect(json()).toEqual({ status: 'ERROR', error: { name, code, message }, req_id: 'r-2' });
  });

  it('tells when to come back, where it knows', async () => {
    const full = new FltsError('queue_full', 'expected a free place, got none', {
      status: 429,
      retryAfterS: 2,
    });
    expect((await answerTo(fails(full))).answer.headers).toMatchObject({ 'retry-after': '2' });
    expect((await answerTo(fails(new TypeError('x')))).answer.headers).not.toHaveProperty('retry-after');
  });

  it('is logged as an error where it is ours, else as information', async () => {
    const ours = await answerTo(fails(new TypeError('x')), { path: '/predict' });
    expect(ours.log.lines).toMatchObject([
      { level: 'error', event: 'request_failed', status: 500, path: '/predict' },
    ]);
    const theirs = await answerTo(fails(new DataError('request_invalid', 'x')));
    expect(theirs.log.lines).toMatchObject([{ level: 'info', event: 'request_failed', status: 400 }]);
  });
});

describe('a JSON body', () => {
  const request = (text: string): HttpRequest => ({ body: Buffer.from(text) }) as HttpRequest;

  it('may be left out', () => {
    expect([jsonBody(request('')), jsonBody(request(' \n'))]).toEqual([{}, {}]);
    expect(jsonBody(request('{"a":[1]}'))).toEqual({ a: [1] });
  });

  it.each(['{', '[1]', '"x"', 'null'])('is refused where it is no object: %s', (text) => {
    expect(() => jsonBody(request(text))).toThrow(
      expect.objectContaining({
        code: 'request_invalid',
        status: 400,
        message: expect.stringContaining(JSON.stringify(text)),
      }),
    );
  });
});
