import { beforeEach, describe, expect, it } from 'vitest';
import { createMemoryServices } from '../shared/testing/memory-services.ts';
import { lineage } from './lineage.ts';
import { PREDICTION_HASH, storeChain, type Chain } from './testing/chain.ts';

describe('the lineage', () => {
  let world = createMemoryServices();
  let chain: Chain;
  beforeEach(async () => {
    world = createMemoryServices();
    chain = await storeChain(world, 'load');
  });
  const of = async (id: string): Promise<string> => (await lineage(id, world)).join('\n');

  it('of a config_hash leads from the source to the predictions', async () => {
    const { configHash, gru, lstm, promotion } = chain;
    const lines = await lineage(configHash, world);

    const source = await world.storage.head('dataset', 'load.csv');
    const train = await world.storage.head('processed-data', `load/${configHash}/train.parquet`);
    const labels = lines.map((line) => line.slice(0, 11).trim()).filter((label) => label !== '');
    expect(labels).toEqual([
      'identifier',
      'source',
      'config',
      'parquet',
      'runs',
      'promotions',
      'predictions',
    ]);
    const text = lines.join('\n');
    expect(text).toContain(`dataset/load.csv  etag ${source?.etag}  ${source?.size} bytes  (still there)`);
    expect(text).toContain(`config       ${configHash}`);
    expect(text).toContain('SCALER="StandardScaler"');
    expect(text).toContain(`processed-data/load/${configHash}/train.parquet  etag ${train?.etag}`);
    expect(text).toContain('180 + 20 rows');
    expect(text).toContain(`${gru}  GRU  FINISHED  select_score 0.25`);
    expect(text).toContain(`${lstm}  LSTM  FAILED`);
    expect(text).toContain(`run ${gru}  best_score  promotion ${promotion.promotion_id}  (current)`);
    expect(text).toContain(`inference-logs/load/20240501/results.jsonl:1  GRU  run ${gru}  24 rows`);
    expect(text).toContain('results.jsonl:2');
  });

  it('of a run holds that run, its promotions and its predictions alone', async () => {
    const { gru, lstm, promotion } = chain;
    const [promoted, failed] = [await of(gru), await of(lstm)];

    expect(promoted).toContain(`${gru}  GRU  FINISHED`);
    expect(promoted).toContain(promotion.promotion_id);
    expect(promoted).not.toContain(lstm);
    expect(failed).toContain(`runs         ${lstm}  LSTM  FAILED`);
    expect(failed).toContain('promotions   none');
    expect(failed).not.toContain(gru);
  });

  it('of a prediction_hash leads back to its run and source', async () => {
    const text = await of(PREDICTION_HASH);

    expect(text).toContain('source       dataset/load.csv');
    expect(text).toContain(`runs         ${chain.gru}  GRU`);
    expect(text).toContain(`prediction ${PREDICTION_HASH}`);
    expect(text).not.toContain('results.jsonl:2');
  });

  it('says what is no longer as it was', async () => {
    await world.storage.put('dataset', 'load.csv', 'time,a\n');
    await world.storage.delete('processed-data', `load/${chain.configHash}/test.parquet`);
    world.tracking.remove(chain.gru);
    const text = await of(chain.configHash);

    expect(text).toContain(`(now ${(await world.storage.head('dataset', 'load.csv'))?.etag})`);
    expect(text).toContain('test.parquet  (gone)');
    expect(text).toContain(`${chain.gru}  (gone from MLflow)`);
    await world.storage.delete('dataset', 'load.csv');
    expect(await of(chain.configHash)).toContain('bytes  (gone)');
  });

  it('of a hash that two identifiers share has a block for each, and a run belongs to one', async () => {
    const other = await storeChain(world, 'twin');

    expect(other.configHash).toBe(chain.configHash);
    const identifiers = (text: string): string[] => text.match(/^identifier .*$/gmu) ?? [];
    expect(identifiers(await of(chain.configHash))).toEqual(['identifier   load', 'identifier   twin']);
    expect(identifiers(await of(other.gru))).toEqual(['identifier   twin']);
  });

  it('writes nothing', async () => {
    const before = [...world.storage.keys()];
    const runs = world.tracking.runs();
    for (const id of [chain.configHash, chain.gru, PREDICTION_HASH]) await of(id);

    expect(world.storage.keys()).toEqual(before);
    expect(world.tracking.runs()).toEqual(runs);
  });

  it.each([
    ['load', 'request_invalid', 'a config_hash or a prediction_hash (64), got "load"'],
    ['0'.repeat(32), 'identifier_unknown', 'a run in MLflow'],
    ['0'.repeat(64), 'identifier_unknown', 'or a prediction in inference-logs'],
  ])('of %s is refused', async (id, code, message) => {
    await expect(lineage(id, world)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
    });
  });
});
