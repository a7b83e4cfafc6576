// An invoke that takes longer than the session time-out, in a worker of `sls offline`, whose thread it blocks.
// LONG_INVOKE_SECONDS=600 makes it ten minutes; a function on AWS has at most 840 s.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestBroker, type TestBroker } from './broker.ts';
import { observeGroup, type GroupObserver } from './group-observer.ts';
import { eventLines, parse, startOffline, type Offline } from './offline.ts';

const SECONDS = Number(process.env['LONG_INVOKE_SECONDS'] ?? 9);
const SESSION_TIMEOUT_MS = 6000;
const TIMEOUT_MS = SECONDS * 1000 + 60_000;

let broker: TestBroker;
let offline: Offline;
let topic: string;
let observer: GroupObserver;

beforeAll(async () => {
  broker = await startTestBroker();
  topic = await broker.createTopic(2);
  offline = await startOffline(
    {
      WORK_TOPIC: topic,
      KAFKA_BOOTSTRAP_SERVERS: broker.bootstrapServers,
      LONG_INVOKE_SECONDS: String(SECONDS),
    },
    ['offline', 'start', '--config', 'serverless-long-invoke.yml'],
  );
  await offline.lines.waitFor((line) => line.includes('event_sources_ready'), { timeoutMs: 50_000 });
  observer = await observeGroup(broker.bootstrapServers, `patient-${topic}`);
});

afterAll(async () => {
  await observer?.close();
  await offline?.stop('SIGKILL');
  await broker?.close();
});

function said(what: 'BEGUN' | 'HANDLED', partition: number): Record<string, unknown>[] {
  const lines = offline.lines.entries.filter((line) => line.includes(what)).map(parse);
  return lines.filter((line) => line['partition'] === partition);
}

/** Milliseconds from producing a record to partition 1 until it is handled, which may take `timeoutMs`. */
async function sendShort(number: number, timeoutMs?: number): Promise<number> {
  const sentAt = performance.now();
  await broker.produce(topic, [{ value: `short ${number}`, partition: 1 }]);
  const isHandled = (line: string) => line.includes('HANDLED') && line.includes(`"short ${number}"`);
  await offline.lines.waitFor(isHandled, timeoutMs === undefined ? {} : { timeoutMs });
  return performance.now() - sentAt;
}

it(
  'causes no rebalance, is not repeated and holds up no other partition',
  async () => {
    const usual = [await sendShort(0), await sendShort(1), await sendShort(2)];
    const before = { ...(await observer.describe()), generation: await observer.generation() };
    expect(before).toMatchObject({ state: 'Stable', generation: 1 });

    const sentAt = performance.now();
    await broker.produce(topic, [{ value: 'long', partition: 0 }]);
    await offline.lines.waitFor((line) => line.includes('BEGUN') && line.includes('"long"'));
    const meanwhile: number[] = [];
    // The mapping's window gives the pace: a record a second.
    while (said('HANDLED', 0).length === 0) {
      meanwhile.push(await sendShort(usual.length + meanwhile.length, SESSION_TIMEOUT_MS));
      const { state, members } = await observer.describe();
      expect({ state, members }).toEqual({ state: 'Stable', members: before.members });
    }
    const took = performance.now() - sentAt;
    expect(took).toBeGreaterThanOrEqual(SECONDS * 1000);
    expect(took).toBeGreaterThan(SESSION_TIMEOUT_MS);

    const shorts = usual.length + meanwhile.length;
    await broker.waitForCommitted(`patient-${topic}`, topic, [1, shorts]);
    const after = { ...(await observer.describe()), generation: await observer.generation() };
    expect(after).toEqual(before);
    expect(eventLines(offline, 'rebalance')).toHaveLength(1);
    expect(said('BEGUN', 0)).toEqual([{ value: 'long', partition: 0, offset: 0 }]);
    expect(said('HANDLED', 0)).toHaveLength(1);
    expect(said('HANDLED', 1).map(({ offset }) => offset)).toEqual(
      Array.from({ length: shorts }, (_, n) => n),
    );
    console.log(told({ usual, meanwhile, took }));
  },
  TIMEOUT_MS,
);

interface Figures {
  readonly usual: readonly number[];
  readonly meanwhile: readonly number[];
  readonly took: number;
}

/** How long the invoke took, and the records of the other partition before and meanwhile. */
function told({ usual, meanwhile, took }: Figures): string {
  const ordered = meanwhile.toSorted((a, b) => a - b);
  const ms = (value: number | undefined) => Math.round(value ?? Number.NaN);
  return JSON.stringify({
    name: 'long-invoke',
    invoke_s: Math.round(took / 100) / 10,
    usual_ms: usual.map(ms),
    meanwhile: meanwhile.length,
    median_ms: ms(ordered[Math.floor(ordered.length / 2)]),
    most_ms: ms(ordered.at(-1)),
  });
}
