import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { kafkaHandler } from '../shared/handlers/kafka-handler.ts';
import { ServiceError } from '../shared/errors.ts';
import { context, failures, mskEvent, mskRecord } from '../shared/testing/events.ts';
import { createThreadlessPool } from '../shared/testing/threadless-pool.ts';
import { createRoutes } from './routes.ts';
import { evaluator, outcome } from './testing/evaluator.ts';

async function functionOf() {
  const world = await evaluator();
  const routes = createRoutes(createThreadlessPool());
  const handler = kafkaHandler({ name: 'evaluate', routes, services: world.services });
  const delivered = (offset: number, value: unknown) => mskRecord({ topic: 'model-training', offset, value });
  return { ...world, handler, delivered };
}

describe('the evaluate function', () => {
  it('takes the words of all trainers in one delivery', async () => {
    const { handler, delivered, run, pointer } = await functionOf();
    const [gru, lstm] = [await run('GRU', { score: 0.5 }), await run('LSTM', { score: 0.4 })];
    const answer = await handler(
      mskEvent(
        delivered(0, outcome('GRU', { status: 'RUNNING', run_id: gru })),
        delivered(1, outcome('LSTM', { run_id: lstm })),
        delivered(2, outcome('GRU', { run_id: gru })),
      ),
      context,
    );
    expect(failures(answer)).toEqual({});
    expect((await pointer())?.run_id).toBe(lstm);
  });

  it('gives up a word on a run that is gone, so that its claim ends as failed', async () => {
    const { handler, delivered, run, publisher } = await functionOf();
    const lstm = outcome('LSTM', { run_id: await run('LSTM', { score: 0.4 }) });
    const gone = outcome('GRU', { run_id: 'gone' });
    expect(failures(await handler(mskEvent(delivered(0, lstm), delivered(1, gone)), context))).toEqual({});
    expect(publisher.sent).toMatchObject([
      {
        topic: 'DLQ-model-training',
        headers: { dlq_error_code: 'run_incomplete', dlq_function: 'evaluate', dlq_offset: '1' },
      },
    ]);
  });

  it('has a word delivered again while MLflow is away', async () => {
    const { handler, delivered, run, tracking, publisher } = await functionOf();
    const words = [await run('GRU', { score: 0.5 }), await run('LSTM', { score: 0.4 })];
    tracking.getRun = () => Promise.reject(new ServiceError('tracking_unavailable', 'no MLflow'));
    const records = ['GRU', 'LSTM'].map((type, nth) => delivered(nth, outcome(type, { run_id: words[nth] })));
    expect(failures(await handler(mskEvent(...records), context))).toEqual({ 'model-training-0': 1 });
    expect(publisher.sent).toEqual([]);
  });

  it('understands its example event', async () => {
    const { handler, publisher, storage } = await functionOf();
    const text = await readFile(new URL('../../test/events/evaluate.json', import.meta.url), 'utf8');
    expect(failures(await handler(JSON.parse(text), context))).toEqual({});
    expect(publisher.sent).toEqual([]);
    const markers = storage.keys().filter((key) => key.includes('/claims/'));
    expect(markers).toEqual([expect.stringMatching(/^model-promotion\/us-flights\/.*\/GRU\.json$/u)]);
  });
});
