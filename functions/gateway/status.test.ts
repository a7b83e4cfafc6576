import { describe, expect, it } from 'vitest';
import { announceClaim, writeStatus, type StageStatus } from '../shared/status.ts';
import { createGateway } from './testing/requests.ts';

type Report = Partial<StageStatus> & Pick<StageStatus, 'stage' | 'state'>;

/** A gateway, and a claim of `load` whose stages have reported this. */
async function reported(reports: readonly Report[], identifier = 'load') {
  const gateway = createGateway();
  const claim = { identifier, claim_id: 'claim-1', claimed_at: '2024-05-01T10:00:00.000Z' };
  const report = (fields: Report, of = claim): Promise<void> =>
    writeStatus(gateway.storage, {
      ...of,
      config_hash: fields.stage === 'preprocess' ? null : 'config',
      updated_at: '2024-05-01T10:01:00.000Z',
      ...fields,
    });
  if (reports.length > 0) await announceClaim(gateway.storage, claim);
  for (const fields of reports) await report(fields);
  const status = (query: Readonly<Record<string, string>> = {}) =>
    gateway.ask({
      query,
      resource: '/status/{identifier}',
      path: `/status/${encodeURIComponent(identifier)}`,
      pathParameters: { identifier },
    });
  return { ...gateway, claim, report, status };
}

const processed: Report = { stage: 'preprocess', state: 'SUCCESS', expected_model_types: ['GRU', 'PROPHET'] };

describe('the status of an identifier', () => {
  it('names the groups that a file was split into, and is done with them', async () => {
    const groups = [{ value: 'a b', identifier: 'load-a-b', claim_id: 'claim-2', state: 'SUCCESS' as const }];
    const { status } = await reported([{ stage: 'preprocess', state: 'SUCCESS', groups }]);

    expect((await status()).json()).toMatchObject({
      state: 'SUCCESS',
      stages: {
        preprocess: { groups },
        train: {},
        evaluate: { state: 'SKIPPED' },
        infer: { state: 'SKIPPED' },
      },
    });
  });

  it('is that of the claim that is asked for', async () => {
    const { claim, report, status } = await reported([processed]);
    await report({ stage: 'preprocess', state: 'RUNNING' }, { ...claim, claim_id: 'claim-0' });

    expect((await status({ claim_id: 'claim-0' })).json()).toMatchObject({
      claim_id: 'claim-0',
      state: 'RUNNING',
    });
    expect((await status({ claim_id: 'claim-9' })).status).toBe(404);
  });

  it('merges what the stages of its newest claim report', async () => {
    const dlq = { topic: 'DLQ-training-data', partition: 0, offset: '7' };
    const error = { name: 'RuntimeError', code: 'loss_diverged', message: 'no finite loss' };
    const { status } = await reported([
      { ...processed, rows: { train: 90, test: 10 } },
      { stage: 'train', model_type: 'GRU', state: 'FAILED', run_id: 'run-1', error, dlq },
      {
        stage: 'train',
        model_type: 'PROPHET',
        state: 'RUNNING',
        run_id: 'run-2',
        epoch: 3,
        epochs: 8,
        loss: null,
        val_loss: null,
        eta_s: 4,
        updated_at: '2024-05-01T10:02:00.000Z',
      },
    ]);
    const answer = await status();
    expect([answer.status, answer.headers['cache-control']]).toEqual([200, 'no-store']);
    const updated_at = '2024-05-01T10:01:00.000Z';
    expect(answer.json()).toEqual({
      identifier: 'load',
      claim_id: 'claim-1',
      claimed_at: '2024-05-01T10:00:00.000Z',
      config_hash: 'config',
      state: 'RUNNING',
      updated_at: '2024-05-01T10:02:00.000Z',
      stages: {
        preprocess: {
          state: 'SUCCESS',
          updated_at,
          rows: { train: 90, test: 10 },
          expected_model_types: ['GRU', 'PROPHET'],
        },
        train: {
          GRU: { state: 'FAILED', updated_at, run_id: 'run-1', error, dlq },
          PROPHET: {
            state: 'RUNNING',
            updated_at: '2024-05-01T10:02:00.000Z',
            run_id: 'run-2',
            epoch: 3,
            epochs: 8,
            loss: null,
            val_loss: null,
            eta_s: 4,
          },
        },
        evaluate: { state: 'WAITING' },
        infer: { state: 'WAITING' },
      },
      warnings: [],
      promoted: null,
      dlq: [{ stage: 'train', model_type: 'GRU', ...dlq, error }],
    });
  });

  it('names the trainers that are expected, in their order, before they begin, and any other that reports', async () => {
    const { status, report } = await reported([processed]);
    const train = async (): Promise<unknown> => (await status()).json()['stages'];
    expect(await train()).toMatchObject({
      train: { GRU: { state: 'WAITING' }, PROPHET: { state: 'WAITING' } },
    });
    await report({ stage: 'train', model_type: 'ARIMA', state: 'RUNNING' });
    const { stages } = (await status()).json() as { stages: { train: Record<string, unknown> } };
    expect(Object.keys(stages.train)).toEqual(['GRU', 'PROPHET', 'ARIMA']);
  });

  it('has the promoted model and the scoreboard once there is one', async () => {
    const promoted = {
      promotion_id: 'p',
      run_id: 'run-1',
      model_type: 'GRU',
      score: 0.2,
      reason: 'best_score',
    };
    const scoreboard = [{ model_type: 'GRU' }, { model_type: 'NAIVE' }];
    const { status } = await reported([
      processed,
      { stage: 'evaluate', state: 'SUCCESS', promoted, scoreboard },
    ]);
    expect((await status()).json()).toMatchObject({ state: 'SUCCESS', promoted, scoreboard });
  });

  it.each(['FAILED', 'SKIPPED'] as const)(
    'counts what follows a preprocess that is %s as skipped',
    async (state) => {
      const { status } = await reported([{ ...processed, state }]);
      const skipped = { state: 'SKIPPED' };
      expect((await status()).json()).toMatchObject({
        state,
        stages: { train: { GRU: skipped, PROPHET: skipped }, evaluate: skipped, infer: skipped },
      });
    },
  );

  it('is that of the newest claim alone', async () => {
    const { status, report, storage, claim } = await reported([{ ...processed, state: 'FAILED' }]);
    const newer = { ...claim, claim_id: 'claim-2', claimed_at: '2024-05-01T11:00:00.000Z' };
    await announceClaim(storage, newer);
    await report({ stage: 'preprocess', state: 'RUNNING' }, newer);
    expect((await status()).json()).toMatchObject({ claim_id: 'claim-2', state: 'RUNNING', dlq: [] });
  });

  it('is found under a name with spaces, plus signs and unicode', async () => {
    const { status } = await reported([processed], 'Messreihe 1+2 größer');
    expect((await status()).json()).toMatchObject({ identifier: 'Messreihe 1+2 größer', state: 'RUNNING' });
  });

  it('is not found before its first upload, or where no stage has reported yet', async () => {
    const { status, storage, claim } = await reported([]);
    const unknown = { error: { code: 'identifier_unknown', message: expect.stringContaining('load') } };
    expect([(await status()).status, (await status()).json()]).toMatchObject([404, unknown]);
    await announceClaim(storage, claim);
    expect((await status()).json()).toMatchObject(unknown);
  });
});
