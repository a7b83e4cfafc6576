import { afterEach, describe, expect, it, vi } from 'vitest';
import { context, httpEvent } from '../shared/testing/events.ts';
import { handler } from './handler.ts';

describe('the function', () => {
  afterEach(() => void vi.unstubAllEnvs());

  it.each([
    ['KAFKA_BOOTSTRAP_SERVERS', ''],
    ['QUEUE_WORKERS', 'many'],
  ])('answers 500 and names the variable where %s is %j', async (name, value) => {
    vi.stubEnv('KAFKA_BOOTSTRAP_SERVERS', '127.0.0.1:1');
    vi.stubEnv('MLFLOW_TRACKING_URI', 'http://127.0.0.1:1');
    vi.stubEnv('LOG_LEVEL', 'silent');
    vi.stubEnv(name, value);
    const { statusCode, body } = await handler(httpEvent({ resource: '/healthz' }), context);
    expect(statusCode).toBe(500);
    expect(JSON.parse(body)).toMatchObject({
      status: 'ERROR',
      error: { code: 'setting_invalid', message: expect.stringContaining(name) },
    });
  });
});
