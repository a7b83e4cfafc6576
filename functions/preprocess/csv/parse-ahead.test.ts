import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { randomNumbers, range } from '../../shared/testing/tables.ts';
import { wholeColumn } from '../columns/column.ts';
import { createSpill, type Spill } from '../columns/spill.ts';
import { doTask } from '../threads/tasks.ts';
import { createThreads, type Order, type Thread, type Threads } from '../threads/threads.ts';
import { isOurs, takeTurn } from '../threads/turns.ts';
import { parseCsv } from './read-csv.ts';

const ROWS = 250_000;
const random = randomNumbers(5);
const LINES = range(ROWS).map(
  (row) => `${new Date(row * 60_000).toISOString()},${random()},${row % 9 === 4 ? '' : row},"${row}"`,
);

let folder = '';
let spill: Spill;
let helpers: Threads;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flts-ahead-'));
  spill = createSpill(folder);
  helpers = createThreads(2);
});
afterEach(async () => {
  await helpers.close();
  spill.close();
  await rm(folder, { recursive: true });
});

async function parsed(lines: readonly string[], threads: readonly Thread[]) {
  const file = join(folder, 'x.csv');
  await writeFile(file, `time,a,b,c\n${lines.join('\n')}\n`);
  let told = 0;
  const reading = { spill, threads, onRows: (rows: number) => void (told = rows) };
  const { rows } = await parseCsv({ file, place: 'dataset/x.csv' }, reading);
  expect(told).toBe(lines.length);
  return [rows.ts, ...Object.values(rows.values)].map((column) => Buffer.from(wholeColumn(column).buffer));
}

/** Threads that count what they are asked. */
function counted(): { threads: Thread[]; asked: () => number } {
  let asked = 0;
  const threads = helpers.threads.map((thread): Thread => ({
    run: (order) => {
      asked += 1;
      return thread.run(order);
    },
  }));
  return { threads, asked: () => asked };
}

/** One that begins with its first order only once another thread has taken one. */
function late(): { thread: Thread; done: () => number } {
  const orders: Order[] = [];
  let done = 0;
  const isTaken = ({ turn }: Order): boolean => turn !== undefined && isOurs({ ...turn, who: 1 });
  let before: Promise<unknown> = (async () => {
    while (!orders.some(isTaken)) await setImmediate();
  })();
  const work = async <T>({ task, input, turn }: Order): Promise<T> => {
    await before;
    if (turn === undefined || !takeTurn(turn)) return undefined as T;
    done += 1;
    return doTask(task, {}, input) as T;
  };
  const run = <T>(order: Order): Promise<T> => {
    orders.push(order);
    const answer = work<T>(order);
    before = answer;
    return answer;
  };
  return { thread: { run }, done: () => done };
}

describe('a large CSV file', () => {
  it('is parsed alike by other threads and by this one alone', async () => {
    const alone = await parsed(LINES, []);
    const { threads, asked } = counted();
    const shared = await parsed(LINES, threads);

    expect(alone.map(({ length }) => length)).toEqual(alone.map(() => 8 * ROWS));
    expect(shared.map((bytes, column) => bytes.equals(alone[column] ?? Buffer.alloc(0)))).toEqual(
      alone.map(() => true),
    );
    expect(asked()).toBeGreaterThan(10);
  });

  it('is parsed by this thread as well where the others are late', async () => {
    const alone = await parsed(LINES, []);
    const { thread, done } = late();
    const shared = await parsed(LINES, [thread]);

    expect(shared.map((bytes, column) => bytes.equals(alone[column] ?? Buffer.alloc(0)))).toEqual(
      alone.map(() => true),
    );
    expect(done()).toBeGreaterThan(0);
  });

  it('is refused with the line of what other threads found first', async () => {
    const bad = LINES.with(200_000, `${LINES[200_000]?.slice(0, 24)},1.5x,2,3`).with(210_000, 'x,y,z,1');
    await expect(parsed(bad, helpers.threads)).rejects.toMatchObject({
      code: 'column_not_numeric',
      message: expect.stringContaining('line 200002'),
    });
    const ragged = bad.with(190_000, 'short');
    await expect(parsed(ragged, helpers.threads)).rejects.toMatchObject({
      code: 'row_ragged',
      message: expect.stringContaining('line 190002'),
    });
  });
});
