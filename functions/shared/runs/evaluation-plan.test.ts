import { describe, expect, it } from 'vitest';
import { hourlyCsv } from '../../preprocess/testing/stage.ts';
import { loadDataset } from '../dataset/load.ts';
import { createMemoryServices } from '../testing/memory-services.ts';
import { processUpload } from '../testing/promoted.ts';
import { evaluationPlan, type EvaluationPlan } from './evaluation-plan.ts';

/** Rows of load and flow, of 400; `change` writes the cells of a row anew. */
async function planOf(change: (row: number, cells: string[]) => string[]): Promise<EvaluationPlan> {
  const [header = '', ...lines] = hourlyCsv(400).trimEnd().split('\n');
  const changed = lines.map((line, row) => {
    const [time = '', ...cells] = line.split(',');
    return [time, ...change(row, cells)].join(',');
  });
  const { storage, services } = createMemoryServices();
  const csv = [header, ...changed, ''].join('\n');
  // Rows that miss half of their cells are kept.
  const config = { HANDLE_NANS_THRESHOLD: 1 };
  const { training } = await processUpload(services, 'load', { csv, config });
  const { meta, series } = await loadDataset(storage, 'load', training.config_hash);
  return evaluationPlan(meta, series, training.settings);
}

describe('the plan of a claim’s scores', () => {
  it('leaves a constant target among others to the scores, which name it', async () => {
    const plan = await planOf((_, [, flow = '']) => ['5', flow]);
    expect(plan.fitStd['load']).toBe(0);
    expect(plan.fitStd['flow']).toBeGreaterThan(0);
    expect(plan.select.length).toBeGreaterThan(0);
  });

  it('is refused where every target is constant in fit: there is no unit to score in', async () => {
    await expect(planOf(() => ['5', '7'])).rejects.toMatchObject({
      code: 'target_not_scorable',
      message: expect.stringMatching(/expected a target that changes in fit.*got load, flow/u),
    });
  });

  it.each(['select', 'test'] as const)(
    'is refused where no target that changes is known in %s',
    async (segment) => {
      const { select, test } = await planOf((_, cells) => cells);
      const of = segment === 'select' ? select : test;
      const [first = 0, last = 0] = [of[0], of.at(-1)];
      const isIn = (row: number): boolean => row >= first && row < last + 6;
      await expect(planOf((row, [, flow = '']) => ['5', isIn(row) ? '' : flow])).rejects.toMatchObject({
        code: 'target_not_scorable',
        message: expect.stringContaining(`known in ${segment}`),
      });
    },
  );
});
