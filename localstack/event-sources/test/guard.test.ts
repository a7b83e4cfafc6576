import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePorts } from '../../../test/support/free-ports.ts';
import { rawHttp } from '../../../test/support/raw-http.ts';
import { startTestBroker, type TestBroker } from './broker.ts';
import { startOffline, type Offline } from './offline.ts';

let broker: TestBroker;
let offline: Offline;
let lambdaPort: number;

beforeAll(async () => {
  broker = await startTestBroker();
  const topics = { WORK_TOPIC: await broker.createTopic(), SELF_MANAGED_TOPIC: await broker.createTopic() };
  [lambdaPort = 0] = await freePorts(1);
  const environment = {
    ...topics,
    KAFKA_BOOTSTRAP_SERVERS: broker.bootstrapServers,
    LAMBDA_PORT: String(lambdaPort),
    ALLOWED_HOSTS: 'lab.example',
  };
  // Without the word start, which goes another way to the same hooks.
  offline = await startOffline(environment, ['offline']);
  await offline.lines.waitFor((line) => line.includes('event_sources_ready'));
}, 60_000);

afterAll(async () => {
  await offline.stop('SIGKILL');
  await broker.close();
});

describe('sls offline', () => {
  const hello = (headers: Readonly<Record<string, string>>) =>
    rawHttp(Number(new URL(offline.url).port), { path: '/dev/hello', headers });

  it('answers programs of this machine, and those that call it by a name that is allowed', async () => {
    for (const host of ['localhost', '127.0.0.1:1', 'lab.example:3000'])
      expect(await hello({ host })).toMatchObject({ status: 200, text: 'hello' });
  });

  it('refuses foreign names and pages before any function', async () => {
    expect((await hello({ host: 'evil.example' })).status).toBe(421);
    expect((await hello({ origin: 'https://evil.example' })).status).toBe(403);
    expect((await hello({ origin: 'https://lab.example' })).status).toBe(200);
  });

  it('does not open its Lambda API', async () => {
    const path = '/2015-03-31/functions/fixture-dev-hello/invocations';
    await expect(rawHttp(lambdaPort, { method: 'POST', path, body: '{}' })).rejects.toMatchObject({
      code: 'ECONNREFUSED',
    });
  });

  it('ends as it should without it', async () => {
    expect(await offline.stop('SIGTERM')).toBe(0);
  });
});
