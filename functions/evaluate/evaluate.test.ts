import { describe, expect, it } from 'vitest';
import { contentHash } from '../shared/hash.ts';
import type { Storage } from '../shared/storage/storage.ts';
import { evaluator, outcome } from './testing/evaluator.ts';

const diverged = { name: 'RuntimeError', code: 'loss_diverged', message: 'no finite loss' };
const failed = (modelType: string, claim = {}) =>
  outcome(modelType, { status: 'FAILED', operation: `Failed: ${modelType}`, error: diverged }, claim);
const allowed = { settings: { EVALUATION_ALLOW_FAILED: '1' } };

describe('the evaluator', () => {
  it('waits while a trainer is missing, and says for which', async () => {
    const { run, evaluate, status, pointer, selected, log } = await evaluator();
    await evaluate(outcome('GRU', { run_id: await run('GRU', { score: 0.5 }) }));
    expect(await status()).toMatchObject({ state: 'WAITING', message: 'waits for LSTM' });
    expect(log.lines).toMatchObject([{ event: 'evaluation_waiting', missing: ['LSTM'] }]);
    expect([await pointer(), selected()]).toEqual([undefined, []]);
  });

  it('passes over the word that training has begun', async () => {
    const { evaluate, storage } = await evaluator();
    await evaluate(outcome('GRU', { status: 'RUNNING', run_id: 'a-run' }));
    expect(storage.keys()).toEqual([]);
  });

  it('promotes the best model once all have come, tells everyone, and shows all on the scoreboard', async () => {
    const { run, evaluate, status, pointer, selected, publisher, history } = await evaluator();
    const [gru, lstm] = [await run('GRU', { score: 0.5 }), await run('LSTM', { score: 0.4 })];
    await evaluate(outcome('LSTM', { run_id: lstm }));
    await evaluate(outcome('GRU', { run_id: gru }));
    const promotionId = contentHash({ claim_id: 'claim-1', runs: [gru, lstm].toSorted() });
    const promoted = { promotion_id: promotionId, run_id: lstm, model_type: 'LSTM', score: 0.4 };
    expect(await pointer()).toMatchObject({
      ...promoted,
      model_uri: `runs:/${lstm}/LSTM`,
      reason: 'best_score',
      previous_run_id: null,
      timestamp: '2024-05-01T10:00:00.000Z',
    });
    const board = (await pointer())?.scoreboard ?? [];
    expect(board.map((line) => [line.model_type, line.baseline, line.select.score, line.test.score])).toEqual(
      [
        ['LSTM', false, 0.4, 0.8],
        ['GRU', false, 0.5, 1],
        ['NAIVE', true, 0.9, 1.8],
        ['DRIFT', true, 0.9, 1.8],
        ['SEASONAL_NAIVE', true, 0.9, 1.8],
        ['MEAN_WINDOW', true, 0.9, 1.8],
      ],
    );
    expect(history()).toEqual([
      `model-promotion/load/config/promotion-1714557600000-${promotionId.slice(0, 8)}.json`,
    ]);
    expect(await status()).toMatchObject({
      state: 'SUCCESS',
      promoted: { ...promoted, reason: 'best_score', pointer_moved: true },
    });
    expect(publisher.sent.at(-1)).toMatchObject({ key: 'load', headers: { correlation_id: 'c-1' } });
    expect(selected()).toEqual([
      {
        v: 1,
        identifier: 'load',
        config_hash: 'config',
        claim_id: 'claim-1',
        claimed_at: '2024-05-01T10:00:00.000Z',
        produced_at: '2024-05-01T12:00:00.000Z',
        ...promoted,
        experiment: 'load',
        model_uri: `runs:/${lstm}/LSTM`,
        rmse: 0.4,
        mae: 0.4,
        mse: 0.4,
        timestamp: '2024-05-01T10:00:00.000Z',
        weights: { rmse: 0.5, mae: 0.3, mse: 0.2 },
        previous_run_id: null,
        reason: 'best_score',
      },
    ]);
  });

  it('delivered again decides alike, whatever happened meanwhile, and writes nothing new', async () => {
    const { run, evaluate, pointer, selected, history, clock, storage } = await evaluator();
    const [gru, lstm] = [await run('GRU', { score: 0.5 }), await run('LSTM', { score: 0.4 })];
    await evaluate(outcome('GRU', { run_id: gru }));
    const last = outcome('LSTM', { run_id: lstm });
    await evaluate(last);
    const before = { pointer: await pointer(), history: history() };
    clock.now += 60_000;
    // The gate of another day: decision.json has the claim's own.
    await evaluate({ ...last, settings: { ...last.settings, PROMOTION_GATE: 'incumbent' } });
    expect({ pointer: await pointer(), history: history() }).toEqual(before);
    expect(selected().map(({ promotion_id, run_id }) => [promotion_id, run_id])).toEqual([
      [before.pointer?.promotion_id, lstm],
      [before.pointer?.promotion_id, lstm],
    ]);
    expect(storage.keys().filter((key) => key.endsWith('decision.json'))).toHaveLength(1);
  });

  it('comes to one promotion where two decide at once', async () => {
    const { run, evaluate, pointer, selected, history } = await evaluator();
    const [gru, lstm] = [await run('GRU', { score: 0.5 }), await run('LSTM', { score: 0.4 })];
    await evaluate(outcome('GRU', { run_id: gru }));
    const last = outcome('LSTM', { run_id: lstm });
    await Promise.all([evaluate(last), evaluate(last), evaluate(last)]);
    expect(history()).toHaveLength(1);
    expect(new Set(selected().map(({ promotion_id }) => promotion_id))).toEqual(
      new Set([(await pointer())?.promotion_id]),
    );
  });
});

describe('a trainer that failed', () => {
  it('keeps the claim from a promotion, and the status names it and its error', async () => {
    const { run, evaluate, status, pointer, selected, log } = await evaluator();
    await evaluate(failed('GRU'));
    await evaluate(outcome('LSTM', { run_id: await run('LSTM', { score: 0.4 }) }));
    expect(await status()).toMatchObject({
      state: 'FAILED',
      message: expect.stringMatching(/^no_promotion: GRU failed.*EVALUATION_ALLOW_FAILED=1/u),
      error: {
        code: 'no_promotion',
        message: expect.stringContaining('GRU (loss_diverged: no finite loss)'),
      },
    });
    expect(log.lines.at(-1)).toMatchObject({ level: 'warn', event: 'no_promotion', failed: ['GRU'] });
    expect([await pointer(), selected()]).toEqual([undefined, []]);
  });

  it('is done without where EVALUATION_ALLOW_FAILED says so', async () => {
    const { run, evaluate, pointer } = await evaluator();
    const lstm = await run('LSTM', { score: 0.4 });
    await evaluate(failed('GRU', allowed));
    await evaluate(outcome('LSTM', { run_id: lstm }, allowed));
    expect((await pointer())?.run_id).toBe(lstm);
  });

  it('leaves nothing to decide among where it was every one, whatever is allowed', async () => {
    const { evaluate, status, pointer } = await evaluator();
    for (const type of ['GRU', 'LSTM']) await evaluate(failed(type, allowed));
    expect(await status()).toMatchObject({ state: 'FAILED', message: 'no_promotion: GRU, LSTM failed' });
    expect(await pointer()).toBeUndefined();
  });

  it('and succeeded later is decided on again, over the first decision', async () => {
    const { run, evaluate, pointer, status } = await evaluator();
    const [gru, lstm] = [await run('GRU', { score: 0.3 }), await run('LSTM', { score: 0.4 })];
    await evaluate(failed('GRU', allowed));
    await evaluate(outcome('LSTM', { run_id: lstm }, allowed));
    const first = await pointer();
    await evaluate(outcome('GRU', { run_id: gru }, allowed));
    expect(first?.run_id).toBe(lstm);
    expect((await pointer())?.run_id).toBe(gru);
    expect((await status())?.promoted?.promotion_id).not.toBe(first?.promotion_id);
    // A word that comes late takes nothing back.
    await evaluate(failed('GRU', allowed));
    expect((await pointer())?.run_id).toBe(gru);
  });
});

describe('two claims', () => {
  const older = { id: 'claim-1', at: '2024-05-01T10:00:00.000Z' };
  const newer = { id: 'claim-2', at: '2024-05-01T11:00:00.000Z' };

  it('end with the newer one’s model, whichever is decided last', async () => {
    const { run, evaluate, pointer, history, status, selected, log } = await evaluator();
    const [gru, lstm] = [await run('GRU', { score: 0.5 }), await run('LSTM', { score: 0.4 })];
    const other = await run('GRU', { score: 0.6 });
    await evaluate(outcome('GRU', { run_id: gru }, newer));
    await evaluate(outcome('LSTM', { run_id: lstm }, newer));
    await evaluate(outcome('GRU', { run_id: other }, older));
    await evaluate(outcome('LSTM', { run_id: lstm }, older));
    expect((await pointer())?.claim_id).toBe('claim-2');
    expect(history()).toHaveLength(2);
    expect(await status('claim-2')).toMatchObject({ state: 'SUCCESS', promoted: { pointer_moved: true } });
    expect(await status('claim-1')).toMatchObject({
      state: 'SUCCESS',
      promoted: { run_id: lstm, pointer_moved: false },
      message: 'a newer claim’s promotion stays in force',
    });
    expect(selected().map(({ claim_id }) => claim_id)).toEqual(['claim-2']);
    expect(log.lines.at(-1)).toMatchObject({ event: 'promotion_superseded', claim_id: 'claim-1' });
  });

  it('know each other: the second names what served before it', async () => {
    const { run, evaluate, pointer, selected } = await evaluator();
    const [gru, lstm] = [await run('GRU', { score: 0.5 }), await run('LSTM', { score: 0.4 })];
    for (const claim of [older, newer]) {
      await evaluate(outcome('GRU', { run_id: gru }, claim));
      await evaluate(outcome('LSTM', { run_id: lstm }, claim));
    }
    const first = selected()[0]?.['promotion_id'];
    expect(await pointer()).toMatchObject({ previous_promotion_id: first, previous_run_id: lstm });
    expect(selected().at(-1)).toMatchObject({ claim_id: 'claim-2', previous_run_id: lstm });
  });
});

describe('a pointer that nobody can read', () => {
  it('is no incumbent, and gives way to the promotion', async () => {
    const { run, evaluate, pointer, status, storage, log } = await evaluator();
    await storage.put('model-promotion', 'load/current.json', 'garbage');
    await storage.put('model-promotion', 'current.json', 'garbage');
    await evaluate(outcome('GRU', { run_id: await run('GRU', { score: 0.5 }) }));
    await evaluate(outcome('LSTM', { run_id: await run('LSTM', { score: 0.4 }) }));
    expect(await pointer()).toMatchObject({ model_type: 'LSTM', previous_run_id: null });
    expect(await status()).toMatchObject({ state: 'SUCCESS', promoted: { pointer_moved: true } });
    expect(log.lines.filter(({ event }) => event === 'pointer_unreadable')).toHaveLength(2);
  });
});

describe('runs that cannot compete', () => {
  it('for having been scored on other origins are left out, and named in the log', async () => {
    const { run, evaluate, pointer, log } = await evaluator();
    const gru = await run('GRU', { score: 0.5 });
    const lstm = await run('LSTM', { score: 0.1, evaluationHash: 'other-origins' });
    await evaluate(outcome('GRU', { run_id: gru }));
    await evaluate(outcome('LSTM', { run_id: lstm }));
    expect((await pointer())?.run_id).toBe(gru);
    expect((await pointer())?.scoreboard.map(({ model_type }) => model_type)).not.toContain('LSTM');
    expect(log.lines).toContainEqual(
      expect.objectContaining({
        level: 'warn',
        event: 'run_not_comparable',
        model_type: 'LSTM',
        run_id: lstm,
      }),
    );
  });

  it('are an error that no further attempt would mend, where they are all', async () => {
    const { run, evaluate, pointer } = await evaluator();
    const [gru, lstm] = await Promise.all(
      ['GRU', 'LSTM'].map((type) => run(type, { score: 0.1, evaluationHash: 'other-origins' })),
    );
    await evaluate(outcome('GRU', { run_id: gru ?? '' }));
    await expect(evaluate(outcome('LSTM', { run_id: lstm ?? '' }))).rejects.toMatchObject({
      name: 'FltsError',
      code: 'runs_not_comparable',
      retryable: false,
      message: expect.stringMatching(/GRU.*LSTM.*claim-1/u),
    });
    expect(await pointer()).toBeUndefined();
  });

  it('for being incomplete give the claim up, and say what is missing', async () => {
    const { run, evaluate } = await evaluator();
    const gru = await run('GRU', { score: 0.5, artifacts: ['GRU/model.json'] });
    await evaluate(outcome('LSTM', { run_id: await run('LSTM', { score: 0.4 }) }));
    await expect(evaluate(outcome('GRU', { run_id: gru }))).rejects.toMatchObject({
      code: 'run_incomplete',
      retryable: false,
      message: expect.stringContaining('scaler/scaler.json'),
    });
  });
});

describe('a crash of the evaluator', () => {
  it('between history and pointer is mended by the next delivery', async () => {
    const { run, evaluate, pointer, services, storage, selected } = await evaluator();
    const [gru, lstm] = [await run('GRU', { score: 0.5 }), await run('LSTM', { score: 0.4 })];
    await evaluate(outcome('GRU', { run_id: gru }));
    const last = outcome('LSTM', { run_id: lstm });
    const putJson: Storage['putJson'] = (bucket, key, ...rest) =>
      key.endsWith('current.json')
        ? Promise.reject(new Error('gone'))
        : storage.putJson(bucket, key, ...rest);
    await expect(evaluate(last, { ...services, storage: { ...storage, putJson } })).rejects.toThrow('gone');
    expect([await pointer(), selected()]).toEqual([undefined, []]);
    await evaluate(last);
    expect((await pointer())?.run_id).toBe(lstm);
    expect(selected()).toHaveLength(1);
  });
});
