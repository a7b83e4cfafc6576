// Many records, a few of them poison, handlers that fail by chance, pollers that are killed, join and leave.
// SOAK_RECORDS=100000 SOAK_KILLS=3 makes it long.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestBroker, type TestBroker } from './broker.ts';
import { Journal } from './journal.ts';

const RECORDS = Number(process.env['SOAK_RECORDS'] ?? 8000);
const KILLS = Number(process.env['SOAK_KILLS'] ?? 1);
const PARTITIONS = 8;
const BATCH_SIZE = 100;
const PER_PARTITION = RECORDS / PARTITIONS;
const TIMEOUT_MS = 30_000 + RECORDS * 3 + KILLS * 20_000;

const poller = fileURLToPath(new URL('fixture/soak-poller.mjs', import.meta.url));
let broker: TestBroker;
let folder: string;
const children: ChildProcess[] = [];

beforeAll(async () => {
  broker = await startTestBroker();
  folder = await mkdtemp(join(tmpdir(), 'event-sources-soak-'));
});

afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await broker.close();
  await rm(folder, { recursive: true, force: true });
});

interface Poller {
  readonly process: ChildProcess;
  /** How many records each invoke handled. */
  readonly handled: Journal<number>;
}

function startPoller(settings: object): Poller {
  const started = spawn(process.execPath, [poller, JSON.stringify(settings)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(started);
  const handled = new Journal<number>();
  createInterface({ input: started.stdout }).on('line', (line) => handled.add(Number(line.split(' ')[1])));
  return { process: started, handled };
}

const isPoison = (offset: number): boolean => offset % 50 === 17;

async function fill(topic: string): Promise<void> {
  const step = 500;
  for (let from = 0; from < PER_PARTITION; from += step) {
    const offsets = Array.from({ length: Math.min(step, PER_PARTITION - from) }, (_, index) => from + index);
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const value = (offset: number) => `${isPoison(offset) ? 'poison' : 'good'} ${partition} ${offset}`;
      await broker.produce(
        topic,
        offsets.map((offset) => ({ value: value(offset), partition })),
      );
    }
  }
}

/** Kills the poller after some invokes, again and again; of the last two, one leaves and the other finishes. */
async function pollAndKill(settings: object): Promise<Poller> {
  const invokesBeforeKill = Math.max(4, Math.floor(RECORDS / BATCH_SIZE / (KILLS + 1)));
  for (let kill = 1; kill <= KILLS; kill++) {
    const { process: running, handled } = startPoller({ ...settings, seed: kill });
    await handled.waitFor(() => true, { count: invokesBeforeKill, timeoutMs: TIMEOUT_MS });
    running.kill('SIGKILL');
    await once(running, 'close');
  }
  const last = startPoller({ ...settings, seed: KILLS + 1 });
  const leaving = startPoller({ ...settings, seed: KILLS + 2 });
  await leaving.handled.waitFor(() => true, { count: 2, timeoutMs: TIMEOUT_MS });
  await stop(leaving);
  return last;
}

async function stop({ process: running }: Poller): Promise<void> {
  running.kill('SIGTERM');
  expect((await once(running, 'close'))[0]).toBe(0);
}

/** Offsets in the order in which they were handled, by partition. */
async function handledOffsets(file: string): Promise<number[][]> {
  const byPartition = Array.from({ length: PARTITIONS }, (): number[] => []);
  for (const line of (await readFile(file, 'utf8')).trim().split('\n')) {
    const [partition = -1, offset = -1] = line.split(' ').map(Number);
    byPartition[partition]?.push(offset);
  }
  return byPartition;
}

/** A letter may come twice as well: this matches each value's first alone. */
function firstOfEach(): (letter: { readonly value: Buffer | null; readonly offset: string }) => boolean {
  const firsts = new Map<string, string>();
  return ({ value, offset }) => {
    const text = String(value);
    if (!firsts.has(text)) firsts.set(text, offset);
    return firsts.get(text) === offset;
  };
}

it(
  'handles every record in order or gives it up, over kills and rebalances, and commits the end',
  async () => {
    const [topic, deadTopic] = [await broker.createTopic(PARTITIONS), await broker.createTopic()];
    await fill(topic);
    const file = join(folder, 'handled');
    const { bootstrapServers } = broker;
    const last = await pollAndKill({ bootstrapServers, topic, deadTopic, file, batchSize: BATCH_SIZE });
    const ends = Array.from({ length: PARTITIONS }, () => PER_PARTITION);
    await broker.waitForCommitted(`soak-${topic}`, topic, ends, TIMEOUT_MS);
    await stop(last);

    const all = Array.from({ length: PER_PARTITION }, (_, offset) => offset);
    const good = all.filter((offset) => !isPoison(offset));
    const handled = await handledOffsets(file);
    // A set keeps the order of what it saw first: every good record once, and never one before its predecessor.
    expect(handled.map((offsets) => [...new Set(offsets)])).toEqual(ends.map(() => good));
    // Only what was in hand at a kill, or when a partition moved, comes twice: a batch a partition.
    const doubles = handled.flat().length - good.length * PARTITIONS;
    expect(doubles).toBeLessThanOrEqual((KILLS + 2) * PARTITIONS * BATCH_SIZE);

    const poison = all.filter(isPoison).length * PARTITIONS;
    const journal = await broker.tap(deadTopic);
    const letters = await journal.waitFor(firstOfEach(), { count: poison, timeoutMs: TIMEOUT_MS });
    expect(letters.every(({ value }) => String(value).startsWith('poison'))).toBe(true);
  },
  TIMEOUT_MS * 2,
);
