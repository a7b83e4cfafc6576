import { describe, expect, it } from 'vitest';
import { loadDataset } from '../shared/dataset/load.ts';
import { trainingClaim } from '../shared/messages/schema.ts';
import { TOPICS } from '../shared/topics.ts';
import { parse } from './testing/parse.ts';
import { createStage, hourlyCsv } from './testing/stage.ts';

describe('DATE_FORMAT', () => {
  const slashes = ['01/02/2001', '02/02/2001'];
  const at = ({ ts }: { ts: Float64Array }) =>
    [...ts].map((each) => new Date(each).toISOString().slice(0, 10));

  it.each([
    ['x.csv', `time,a\n${slashes.join(',1\n')},1\n`],
    ['x.csv', `time,a\n"${slashes.join('",1\n"')}",1\n`],
    ['x.jsonl', slashes.map((time) => `{"time":"${time}","a":1}\n`).join('')],
  ])('says which of two readings a file’s times have (%s)', async (key, file) => {
    const days = await parse(file, undefined, undefined, { key, dateFormat: 'DD/MM/YYYY' });
    const months = await parse(file, undefined, undefined, { key, dateFormat: 'MM/DD/YYYY' });

    expect([at(days), at(months)]).toEqual([
      ['2001-02-01', '2001-02-02'],
      ['2001-01-02', '2001-02-02'],
    ]);
  });
});

const named = (name: string): string => hourlyCsv(100).replace('flow', name);

describe('a column of a hostile name', () => {
  it.each([
    ['day_of_week_sin', 'a calendar feature'],
    ['Block', 'a stored column'],
    ['segment', 'a stored column'],
    ['load__ACTUAL', 'a truth'],
    ['__proto__', 'no key of an object'],
  ])('%s, which is %s, is refused', async (name) => {
    const stage = createStage();

    await expect(stage.run(await stage.put('x.csv', named(name)))).rejects.toMatchObject({
      code: 'column_reserved',
      message: expect.stringContaining(`got "${name}"`),
    });
  });

  it.each([
    ['SQL', '"a""; DROP TABLE stored_rows; --\'"', `a"; DROP TABLE stored_rows; --'`],
    ['emoji', '😀', '😀'],
    ['an object’s own', 'constructor', 'constructor'],
    ['10,000 letters', 'x'.repeat(10_000), 'x'.repeat(10_000)],
  ])('of %s is stored and read back', async (_, written, name) => {
    const stage = createStage();
    await stage.run(await stage.put('x.csv', named(written)), { CLIP_METHOD: 'iqr' });
    const claim = trainingClaim.parse(stage.publisher.messages(TOPICS.trainingData)[0]);
    const { meta, series } = await loadDataset(stage.storage, 'x', claim.config_hash);

    expect(meta.roles.targets).toEqual(['load', name]);
    expect(meta.scaler.columns[name]?.scale).toBeGreaterThan(0);
    expect(series.actual[name]).toEqual(Float64Array.from({ length: 100 }, (_each, row) => (row * 13) % 17));
  });
});
