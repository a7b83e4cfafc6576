import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { loadDataset } from '../shared/dataset/load.ts';
import { trainingClaim } from '../shared/messages/schema.ts';
import { TOPICS } from '../shared/topics.ts';
import { createStage } from './testing/stage.ts';

/** Not part of the project: its licence is for research. */
const FOLDER = new URL('../../../shared/data/', import.meta.url);
const there = existsSync(new URL('PobleSec.csv', FOLDER));
if (!there) console.log('PobleSec.csv is absent: its test is left out');

describe.runIf(there)('LTE load of a base station, every two minutes', () => {
  it('comes out as it went in, 22 missing cells filled', async () => {
    const [train, test] = await Promise.all(
      ['PobleSec.csv', 'PobleSec_test.csv'].map((name) => readFile(new URL(name, FOLDER), 'utf8')),
    );
    const stage = createStage();
    await stage.put('lte_test.csv', test ?? '');
    await stage.run(await stage.put('lte.csv', train ?? ''), { SPLIT: '.8,.1,.1' });
    const claim = trainingClaim.parse(stage.publisher.messages(TOPICS.trainingData)[0]);

    const { meta, series } = await loadDataset(stage.storage, 'lte', claim.config_hash);

    expect(meta.rows).toMatchObject({
      train: 15_927,
      test: 3982,
      inserted: 0,
      dropped: 0,
      imputed_cells: 22,
    });
    expect(meta.frequency).toEqual({ stepMs: 120_000, businessDays: false });
    const lines = `${train?.trimEnd()}\n${test?.trimEnd().split('\n').slice(1).join('\n')}`.split('\n');
    const names = lines[0]?.split(',') ?? [];
    const expected = lines.slice(1).map((line) => line.split(','));
    expect(series.ts).toHaveLength(expected.length);
    for (const [index, name] of names.entries()) {
      if (name === 'time') continue;
      const cells = expected.map((row) => (row[index] === '' ? NaN : Number(row[index])));
      expect(series.actual[name]).toEqual(Float64Array.from(cells));
      expect(
        series.columns[name]?.every((value, row) => Number.isNaN(cells[row]) || value === cells[row]),
      ).toBe(true);
    }
  });
});
