import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { ServiceError } from '../shared/errors.ts';
import { kafkaHandler } from '../shared/handlers/kafka-handler.ts';
import { context, failures, mskEvent, mskRecord } from '../shared/testing/events.ts';
import { createMemoryServices } from '../shared/testing/memory-services.ts';
import { createRoutes } from './routes.ts';
import { result } from './testing/results.ts';

const TOPIC = 'inference-results';

function functionOf() {
  const world = createMemoryServices();
  const handler = kafkaHandler({ name: 'record', routes: createRoutes(), services: world.services });
  const lines = async (key: string): Promise<Record<string, unknown>[]> => {
    const found = await world.storage.get('inference-logs', key);
    const text = Buffer.from(found?.body ?? []).toString();
    return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)]));
  };
  return { ...world, handler, lines };
}

const delivered = (offset: number, value: unknown) => mskRecord({ topic: TOPIC, offset, value });

describe('the record function', () => {
  it('writes the lines of a delivery and gives up what is no result', async () => {
    const { handler, lines, publisher } = functionOf();
    const { metrics, ...noMetrics } = result().line;
    const answer = await handler(
      mskEvent(
        delivered(0, result({ prediction: 'p-0' })),
        delivered(1, { ...result(), line: noMetrics }),
        delivered(2, 'no JSON'),
        delivered(3, result({ prediction: 'p-3' })),
      ),
      context,
    );
    expect(failures(answer)).toEqual({});
    expect(metrics).toBeDefined();
    expect(publisher.sent.map(({ headers }) => headers?.['dlq_error_message'])).toEqual([
      expect.stringContaining('line.metrics'),
      expect.stringContaining('inference-results/0/2'),
    ]);
    expect(await lines('load/20240501/results.jsonl')).toMatchObject([
      { metrics: { prediction_hash: 'p-0' } },
      { metrics: { prediction_hash: 'p-3' } },
    ]);
  });

  it('has all of a partition delivered again while S3 is down, and then writes each line once', async () => {
    const { handler, lines, services, storage } = functionOf();
    const event = mskEvent(
      delivered(5, result({ prediction: 'p-5' })),
      delivered(6, result({ prediction: 'p-6' })),
    );
    const working = { ...storage };
    services.storage.put = async () => {
      throw new ServiceError('storage_unavailable', 'connection reset');
    };
    expect(failures(await handler(event, context))).toEqual({ 'inference-results-0': 5 });
    services.storage.put = (...write) => working.put(...write);
    await handler(event, context);
    await handler(event, context);
    expect((await lines('load/20240501/results.jsonl')).length).toBe(2);
  });

  it('keeps a result without an identifier under global', async () => {
    const { handler, lines } = functionOf();
    const { identifier: _identifier, ...nameless } = result();
    await handler(
      mskEvent(delivered(0, { ...nameless, line: { ...nameless.line, identifier: '' } })),
      context,
    );
    expect(await lines('global/20240501/results.jsonl')).toMatchObject([{ identifier: 'global' }]);
  });

  it('understands its example event', async () => {
    const { handler, lines, publisher } = functionOf();
    const text = await readFile(new URL('../../test/events/record.json', import.meta.url), 'utf8');
    await handler(JSON.parse(text), context);
    expect(publisher.sent).toEqual([]);
    expect(await lines('us-flights/20240501/results.jsonl')).toMatchObject([
      { identifier: 'us-flights', promoted: true },
    ]);
  });
});
