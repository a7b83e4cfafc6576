import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startTestBroker, type TestBroker } from './broker.ts';
import { eventLines, parse, startOffline, type Offline } from './offline.ts';

let broker: TestBroker;
let offline: Offline | undefined;

beforeAll(async () => {
  broker = await startTestBroker();
});

afterEach(async () => {
  await offline?.stop('SIGKILL');
  offline = undefined;
});

afterAll(async () => {
  await broker.close();
});

interface Started {
  readonly offline: Offline;
  readonly work: string;
  readonly dead: string;
  /** Of the function on a self-managed cluster. */
  readonly own: string;
}

async function start(command?: readonly string[]): Promise<Started> {
  const [work, dead, own] = [
    await broker.createTopic(),
    await broker.createTopic(),
    await broker.createTopic(),
  ];
  const KAFKA_BOOTSTRAP_SERVERS = broker.bootstrapServers;
  // A small heap, so that the handler that fills it does not fill the machine's memory.
  const NODE_OPTIONS = '--max-old-space-size=200';
  const topics = { WORK_TOPIC: work, DEAD_TOPIC: dead, SELF_MANAGED_TOPIC: own };
  const environment = { ...topics, KAFKA_BOOTSTRAP_SERVERS, NODE_OPTIONS };
  offline = await startOffline(environment, command);
  await offline.lines.waitFor((line) => line.includes('event_sources_ready'));
  return { offline, work, dead, own };
}

const group = (topic: string) => `fixture-dev-troubled-${topic}`;
const record = (value: string) => ({ value, partition: 0 });

function sightings({ lines }: Offline, value: string): Record<string, unknown>[] {
  return lines.entries
    .filter((line) => line.includes('SEEN'))
    .map(parse)
    .filter((seen) => seen['value'] === value);
}

describe('sls offline', () => {
  it('survives whatever a handler does, gives its record up and handles the next', async () => {
    const { offline: running, work, dead } = await start();
    const given = ['throw', 'throw string', 'exit', 'hang', 'spin', 'uncaught', 'out of memory', 'no JSON'];
    await broker.produce(work, [
      record('function in the answer'),
      record('fine'),
      ...given.map(record),
      record('fine at last'),
    ]);
    const total = given.length + 3;
    await running.lines.waitFor((line) => line.includes('fine at last'), { timeoutMs: 45_000 });
    await broker.waitForCommitted(group(work), work, [total]);
    const journal = await broker.tap(dead);
    const messages = await journal.waitFor(() => true, { count: given.length });
    const told = messages.map(({ value, headers = {} }) => [
      String(value),
      String(headers['dlq_error_name']),
      String(headers['dlq_error_code']),
      String(headers['dlq_attempts']),
    ]);
    expect(told).toEqual([
      ['throw', 'RangeError', 'E_THROWN', '2'],
      ['throw string', 'string', 'UNKNOWN', '2'],
      ['exit', 'Runtime.ExitError', 'FUNCTION_EXITED', '2'],
      ['hang', 'Sandbox.Timedout', 'FUNCTION_TIMED_OUT', '2'],
      ['spin', 'Sandbox.Timedout', 'FUNCTION_TIMED_OUT', '2'],
      ['uncaught', 'Error', 'UNKNOWN', '2'],
      ['out of memory', 'Error', 'ERR_WORKER_OUT_OF_MEMORY', '2'],
      ['no JSON', 'Runtime.MarshalError', 'FUNCTION_RESPONSE_INVALID', '2'],
    ]);
    expect(await (await fetch(`${running.url}/hello`)).text()).toBe('hello');
    expect(eventLines(running, 'provisioned_mode_missing')).toMatchObject([
      {
        level: 'warn',
        function: 'troubled',
        topic: work,
        keys: ['maximumRetryAttempts', 'functionResponseType', 'destinations.onFailure'],
      },
    ]);
    const [seen] = sightings(running, 'fine');
    expect(seen).toMatchObject({ calls: 2, remaining: true });
    expect(seen!['env']).toEqual({
      OF_THE_FUNCTION: 'set',
      AWS_LAMBDA_FUNCTION_NAME: 'fixture-dev-troubled',
      AWS_REGION: 'eu-west-1',
      PATH: null,
      EVENT_SOURCES_HANDLER: null,
    });
  }, 90_000);

  it('replaces a worker in which a promise rejected after the answer, without failing the next invoke', async () => {
    const { offline: running, work } = await start();
    await broker.produce(work, [record('reject later')]);
    await broker.waitForCommitted(group(work), work, [1]);
    // The rejection comes 20 ms after the answer: the thread changes with one of the records behind it.
    const threadOf = (value: string) => sightings(running, value)[0]!['threadId'];
    const first = threadOf('reject later');
    for (let sent = 1, thread = first; thread === first; sent += 1) {
      await broker.produce(work, [record(`behind ${sent}`)]);
      await broker.waitForCommitted(group(work), work, [sent + 1]);
      thread = threadOf(`behind ${sent}`);
    }
    expect(eventLines(running, 'record_given_up')).toEqual([]);
  }, 60_000);

  it('leaves with exit status 0 within five seconds of SIGTERM, and the group with it', async () => {
    const { offline: running, work } = await start();
    await broker.produce(work, [record('hang')]);
    await running.lines.waitFor((line) => line.includes('SEEN'));
    const asked = performance.now();
    expect(await running.stop('SIGTERM')).toBe(0);
    expect(performance.now() - asked).toBeLessThan(5000);
    expect(eventLines(running, 'event_sources_stopped')).toHaveLength(1);
    expect(await broker.committed(group(work), work)).toEqual([-1]);
  }, 60_000);

  it('runs as well when started without the word start, and serves kafka events like msk ones', async () => {
    const { offline: running, work, own } = await start(['offline']);
    await broker.produce(own, [record('{"kind":"other"}'), record('{"kind":"wanted"}')]);
    const [line] = await running.lines.waitFor((each) => each.includes('SELF-MANAGED'));
    expect(parse(line!)).toEqual({
      eventSource: 'SelfManagedKafka',
      eventSourceArn: null,
      bootstrapServers: broker.bootstrapServers,
      values: [{ kind: 'wanted' }],
    });
    await broker.produce(work, [record('fine')]);
    await broker.waitForCommitted(group(work), work, [1]);
    expect(await running.stop('SIGINT')).toBe(0);
    expect(eventLines(running, 'event_sources_stopped')).toHaveLength(1);
  }, 60_000);

  it('refuses an unsupported setting before anything listens, naming function, event and key', async () => {
    offline = await startOffline({ KAFKA_BOOTSTRAP_SERVERS: broker.bootstrapServers }, [
      'offline',
      'start',
      '--config',
      'serverless-unsupported.yml',
    ]);
    expect(await offline.exited).not.toBe(0);
    const output = offline.lines.entries.join('\n');
    expect(output).toContain('function "careless", event 1 (msk)');
    expect(output).toContain('filterPatterns.0.value.kind.0.prefix: expected a text, got 5');
    expect(output).not.toContain('Server ready');
  }, 60_000);
});

describe('sls invoke local', () => {
  it('ends with the answer, as Lambda freezes an instance, whatever the handler keeps open', async () => {
    offline = await startOffline({}, ['invoke', 'local', '-f', 'connected', '--data', '{}']);
    expect(await offline.exited).toBe(0);
    expect(offline.lines.entries.join('')).toContain('"answered": true');
  }, 30_000);
});
