import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { randomNumbers } from '../../shared/testing/tables.ts';
import { arrayColumn, sliceColumn, type Column } from '../columns/column.ts';
import { createSpill, type Spill } from '../columns/spill.ts';
import { inParallel, type Work } from '../progress.ts';
import { inPortions, runWork } from './run-work.ts';
import { createThreads, type Order, type Thread, type Threads } from './threads.ts';

const ROWS = 70_001;
const PERIODS = [7, 1000];

let folder = '';
let spill: Spill;
let threads: Threads;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flts-threads-'));
  spill = createSpill(folder);
  threads = createThreads(2);
});
afterEach(async () => {
  await threads.close();
  spill.close();
  rmSync(folder, { recursive: true });
});

/** Columns of one table on disk, whose last rows wait in memory. */
function storedColumns(count: number): { columns: Column[]; inserted: Column } {
  const random = randomNumbers(3);
  const table = spill.table(count + 1);
  const values = Array.from({ length: count }, () =>
    Float64Array.from({ length: ROWS }, (_, row) => (row % 50 === 3 ? NaN : Math.sin(row) + random())),
  );
  table.append([...values, new Float64Array(ROWS)]);
  return { columns: values.map((_, index) => table.column(index)), inserted: table.column(count) };
}

function* figures(columns: readonly Column[], inserted: Column, meanwhile?: Work<unknown>) {
  const calls = columns.map((cells) => ({
    columns: { values: inserted, cells: sliceColumn(cells, { start: 10, end: ROWS }), inserted },
    input: { periods: PERIODS },
  }));
  return yield* inParallel('columnFigures', calls, {
    phase: 'write',
    from: 0,
    to: 1,
    ...(meanwhile && { meanwhile }),
  });
}

describe('jobs', () => {
  it('have the same results in the order of calls, in other threads or in this one alone', async () => {
    const { columns, inserted } = storedColumns(9);
    const alone = runWork(figures(columns, inserted));
    const told: number[] = [];
    const tell = ({ share }: { readonly share: number }): void => void told.push(share);
    const shared = await inPortions(figures(columns, inserted), tell, threads);

    expect(alone).toHaveLength(9);
    expect(new Set(alone.map(({ min }) => min)).size).toBe(9);
    expect(shared).toEqual(alone);
    expect(await inPortions(figures(columns, inserted), () => {}, { ...threads, leavesJobs: true })).toEqual(
      alone,
    );
    expect(await inPortions(figures(columns, inserted), () => {})).toEqual(alone);
    expect(told).toEqual(Array.from(columns, (_, index) => (index + 1) / 9));
  });

  it('write what other threads read', async () => {
    const { columns, inserted } = storedColumns(3);
    const filled = async (helpers?: Threads): Promise<number[]> => {
      const targets = columns.map(() => spill.openColumn(ROWS));
      const calls = columns.map((values, index) => ({
        columns: { values, ts: inserted },
        input: {
          bounds: { lower: -0.5, upper: 1 },
          how: { method: 'ffill' as const, neighbours: 1, mean: 0 },
          descriptor: targets[index]?.descriptor ?? -1,
        },
      }));
      const work = inParallel('fillColumn', calls, { phase: 'clean', from: 0, to: 1 });
      const counts = await inPortions(work, () => {}, helpers);
      expect(counts[0]).toMatchObject({ filled: 1400 });
      return targets.flatMap(({ column }) => Array.from(column.read(0, ROWS)));
    };

    const alone = await filled();
    expect(alone.some(Number.isNaN)).toBe(false);
    expect(await filled(threads)).toEqual(alone);
  });

  it('are done beside other work, and here where columns are in memory', async () => {
    const { inserted } = storedColumns(1);
    const steps: string[] = [];
    const beside = function* (): Work<void> {
      steps.push('one');
      yield { phase: 'derive', share: 1 };
      steps.push('two');
    };
    const column = arrayColumn(new Float64Array(ROWS).fill(3));
    const [result] = await inPortions(figures([column], inserted, beside()), () => {}, threads);

    expect(result).toMatchObject({ type: 'constant', min: 3 });
    expect(steps).toEqual(['one', 'two']);
  });

  it('do not wait for what is done beside, which goes on beside the next ones', async () => {
    const { columns, inserted } = storedColumns(3);
    let steps = 0;
    const beside = (function* (): Work<void> {
      for (;;) {
        steps += 1;
        yield { phase: 'derive', share: 0 };
      }
    })();
    const work = function* () {
      const first = yield* figures(columns, inserted, beside);
      const before = steps;
      return { first, before, second: yield* figures(columns, inserted, beside) };
    };
    const { first, before, second } = await inPortions(work(), () => {}, threads);

    expect(second).toEqual(first);
    expect(before).toBeGreaterThan(0);
    expect(steps).toBeGreaterThan(before);
  });

  it('are taken by the other thread while this one is at its own', async () => {
    const { columns, inserted } = storedColumns(4);
    const [worker] = threads.threads;
    const seen: string[] = [];
    const watched: Thread = {
      run: async <T>(order: Order): Promise<T> => {
        seen.push('asked');
        const answer = await worker?.run<T>(order);
        seen.push('answered');
        return answer as T;
      },
    };
    const shared = await inPortions(figures(columns, inserted), () => {}, { threads: [watched] });

    // None waits until the one before it is answered.
    expect(seen.slice(0, 4)).toEqual(['asked', 'asked', 'asked', 'asked']);
    expect(seen).toHaveLength(8);
    expect(shared).toEqual(runWork(figures(columns, inserted)));
  });

  it('fail with what a task throws, once no thread is at it', async () => {
    const { inserted } = storedColumns(1);
    const { column: empty } = spill.openColumn(ROWS);

    await expect(inPortions(figures([empty, empty, empty], inserted), () => {}, threads)).rejects.toThrow(
      /expected \d+ bytes at/u,
    );
  });
});
