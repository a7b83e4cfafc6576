import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { InferenceResult } from '../../shared/messages/schema.ts';
import { createMemoryPublisher } from '../../shared/messages/memory-publisher.ts';
import { createMemoryLog } from '../../shared/testing/memory-services.ts';
import { createRecorder } from './recorder.ts';

const message = (id: number): InferenceResult =>
  ({ identifier: 'load', claim_id: `claim-${id}`, line: { req_id: `r-${id}` } }) as InferenceResult;

function recorderOver(send?: () => Promise<void>) {
  const publisher = createMemoryPublisher();
  const batches: number[] = [];
  const log = createMemoryLog();
  const recorder = createRecorder({
    publisher: {
      send: async (topic, records) => {
        batches.push(records.length);
        await send?.();
        await publisher.send(topic, records);
      },
    },
    log,
    waitMs: 200,
  });
  return { recorder, publisher, batches, log };
}

describe('the recorder', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('publishes what came within 200 ms as one batch, each line with its own correlation id', async () => {
    const { recorder, publisher, batches } = recorderOver();
    const added = Promise.all([recorder.add(message(1)), recorder.add(message(2))]);
    await vi.advanceTimersByTimeAsync(199);
    expect(batches).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    await added;
    expect(batches).toEqual([2]);
    expect(publisher.sent.map(({ topic, key, headers }) => [topic, key, headers])).toEqual([
      ['inference-results', 'load', { correlation_id: 'claim-1' }],
      ['inference-results', 'load', { correlation_id: 'claim-2' }],
    ]);
  });

  it('publishes 100 lines at once, and what comes meanwhile after them', async () => {
    let release: () => void = () => {};
    const { recorder, batches } = recorderOver(() => new Promise((resolve) => (release = resolve)));
    const added = Array.from({ length: 130 }, (_, id) => recorder.add(message(id)));
    await vi.advanceTimersByTimeAsync(0);
    expect(batches).toEqual([100]);
    await vi.advanceTimersByTimeAsync(500);
    expect(batches).toEqual([100]);
    release();
    await vi.advanceTimersByTimeAsync(0);
    expect(batches).toEqual([100, 30]);
    release();
    await Promise.all(added);
  });

  it('logs and counts each line of a batch that the broker did not take, and goes on', async () => {
    let down = true;
    const { recorder, log, publisher } = recorderOver(async () => {
      if (down) throw new Error('no broker');
    });
    const lost = Promise.all([recorder.add(message(1)), recorder.add(message(2))]);
    await vi.advanceTimersByTimeAsync(200);
    await lost;
    expect([recorder.failures(), log.lines]).toEqual([
      2,
      [1, 2].map((id) =>
        expect.objectContaining({
          level: 'error',
          event: 'prediction_not_recorded',
          req_id: `r-${id}`,
          message: 'no broker',
        }),
      ),
    ]);
    down = false;
    const kept = recorder.add(message(3));
    await vi.advanceTimersByTimeAsync(200);
    await kept;
    expect(publisher.sent).toHaveLength(1);
  });

  it('gives a line up at once where thousands wait already', async () => {
    const { recorder, log } = recorderOver(() => new Promise(() => {}));
    for (let id = 0; id < 10_100; id += 1) void recorder.add(message(id));
    await recorder.add(message(10_100));
    expect(recorder.failures()).toBe(1);
    expect(log.lines).toMatchObject([{ event: 'prediction_not_recorded', req_id: 'r-10100' }]);
  });
});
