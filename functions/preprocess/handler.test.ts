import type { Context, S3Event } from 'aws-lambda';
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { claimIdOfUpload } from '../shared/claims.ts';
import { s3Handler } from '../shared/handlers/s3-handler.ts';
import { BUCKETS, DLQ_DATASET, TOPICS } from '../shared/topics.ts';
import { preprocess } from './preprocess.ts';
import { createStage, hourlyCsv } from './testing/stage.ts';

const context = { getRemainingTimeInMillis: () => 60_000 } as Context;

/** The notification of test/events for another object. */
async function notification(key?: string): Promise<S3Event> {
  const event: S3Event = JSON.parse(
    await readFile(new URL('../../test/events/preprocess.json', import.meta.url), 'utf8'),
  );
  if (key !== undefined) event.Records[0]!.s3.object.key = key;
  return event;
}

function createHandler() {
  const stage = createStage();
  const handler = s3Handler({
    name: 'preprocess',
    process: (upload, services) => preprocess(upload, services, {}),
    services: stage.services,
  });
  return { stage, handler };
}

describe('the handler of uploads', () => {
  it('runs the stage for the object of the notification', async () => {
    const { stage, handler } = createHandler();
    await stage.storage.put(BUCKETS.dataset, 'us-flights.csv', hourlyCsv(200));

    await handler(await notification(), context);

    const { eTag, sequencer } = (await notification()).Records[0]!.s3.object;
    expect(stage.publisher.messages(TOPICS.trainingData)[0]).toMatchObject({
      identifier: 'us-flights',
      claim_id: claimIdOfUpload({ bucket: 'dataset', key: 'us-flights.csv', etag: eTag, sequencer }),
      claimed_at: '2024-05-01T12:00:00.000Z',
    });
  });

  it('decodes the object’s key', async () => {
    const { stage, handler } = createHandler();
    await stage.storage.put(BUCKETS.dataset, 'a+b c ü.csv', hourlyCsv(200));

    await handler(await notification('a%2Bb+c+%C3%BC.csv'), context);

    expect(stage.publisher.messages(TOPICS.trainingData)[0]).toMatchObject({ identifier: 'a+b c ü' });
  });

  it('gives up an upload at once whose name is too long for the keys of later stages, and handles the next', async () => {
    const { stage, handler } = createHandler();
    const key = `${'車'.repeat(300)}.csv`;
    for (const each of [key, 'next.csv']) await stage.storage.put(BUCKETS.dataset, each, hourlyCsv(200));
    await handler(await notification(encodeURIComponent(key)), context);
    await handler(await notification('next.csv'), context);
    expect(stage.publisher.sent.filter(({ topic }) => topic === DLQ_DATASET)).toMatchObject([
      {
        headers: {
          dlq_error_code: 'upload_unexpected',
          dlq_error_message: expect.stringContaining('at most 865 bytes and 500 letters, got 900 and 300'),
        },
      },
    ]);
    expect(stage.publisher.messages(TOPICS.trainingData)).toMatchObject([{ identifier: 'next' }]);
  });

  it('gives up what no attempt can mend: the notification goes to DLQ-dataset with the reason', async () => {
    const { stage, handler } = createHandler();
    await stage.storage.put(BUCKETS.dataset, 'us-flights.csv', 'time,a\n2001-01-01,x\n');
    const event = await notification();

    await handler(event, context);

    expect(stage.publisher.sent).toHaveLength(1);
    const [record] = stage.publisher.sent;
    expect(record).toMatchObject({
      topic: DLQ_DATASET,
      key: 'us-flights',
      headers: {
        dlq_error_code: 'column_not_numeric',
        dlq_error_message: expect.stringContaining('column "a" of dataset/us-flights.csv, line 2, got "x"'),
      },
    });
    expect(JSON.parse(String(record?.value))).toEqual(event);
  });
});
