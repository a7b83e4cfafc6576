import { describe, expect, it } from 'vitest';
import { loadDataset } from '../shared/dataset/load.ts';
import { trainingClaim } from '../shared/messages/schema.ts';
import { TOPICS } from '../shared/topics.ts';
import { HOUR_MS, START } from '../shared/testing/tables.ts';
import { createStage, type Stage } from './testing/stage.ts';

const HOURS = 60;
const valueOf = (series: number, hour: number): number => 100 * series + (hour % 24) + ((hour * 7) % 5);

/** Hours of two series, one after the other, each line made by `line`. */
const longFile = (header: string, line: (name: string, at: string, value: number) => string): string =>
  [
    header,
    ...['a', 'b'].flatMap((name, series) =>
      Array.from({ length: HOURS }, (_, hour) =>
        line(name, new Date(START + hour * HOUR_MS).toISOString(), valueOf(series, hour)),
      ),
    ),
  ].join('\n');

async function datasetOf(stage: Stage, identifier: string) {
  const claims = stage.publisher.messages(TOPICS.trainingData).map((each) => trainingClaim.parse(each));
  const claim = claims.find((each) => each.identifier === identifier);
  return loadDataset(stage.storage, identifier, claim?.config_hash ?? '');
}

describe('a long file', () => {
  it('is read as spreadsheets write it, without its column of text', async () => {
    const stage = createStage();
    await stage.put('x.config.json', '{"GROUP_COLUMN":"shop"}');
    const file = longFile('time;shop;sky;load', (name, at, value) => `${at};${name};sunny;${value},5`);
    await stage.run(await stage.put('x.csv', file));

    const { meta, series } = await datasetOf(stage, 'x-b');
    expect(meta.roles.targets).toEqual(['load']);
    expect(series.actual['load']).toEqual(
      Float64Array.from({ length: HOURS }, (_, hour) => valueOf(1, hour) + 0.5),
    );
  });

  it('is known by the names unique_id, ds and y', async () => {
    const stage = createStage();
    const file = longFile('unique_id,ds,y,price', (name, at, value) => `${name},${at},${value},${value % 7}`);
    await stage.run(await stage.put('x.csv', file));

    const { meta, series } = await datasetOf(stage, 'x-a');
    expect(meta).toMatchObject({
      group: { column: 'unique_id', value: 'a' },
      roles: { targets: ['y'], past: ['price'] },
    });
    expect(series.actual['y']).toEqual(Float64Array.from({ length: HOURS }, (_, hour) => valueOf(0, hour)));
  });
});
