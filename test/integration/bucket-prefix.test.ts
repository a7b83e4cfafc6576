import { afterAll, beforeAll, expect, it } from 'vitest';
import { get, upload } from '../support/http.ts';
import { listKeys, readText } from '../support/objects.ts';
import { startStack, type RunningStack } from '../support/running-stack.ts';
import { tapTopic } from '../support/topic-tap.ts';

let stack: RunningStack;
beforeAll(async () => {
  stack = await startStack({ environment: { BUCKET_PREFIX: 'lab-' } });
}, 60_000);
afterAll(() => stack?.dispose());

it('finds uploads in the buckets with the prefix, by paths without it', async () => {
  const given = await tapTopic(stack.kafka, 'DLQ-dataset');
  try {
    expect((await upload(stack.url, 'dataset/empty.csv', 'time,load\n')).status).toBe(200);
    await given.next(({ key }) => key === 'empty');
  } finally {
    await given.close();
  }
  expect(await readText(stack.s3, 'lab-dataset', 'empty.csv')).toBe('time,load\n');
  expect(await listKeys(stack.s3, 'lab-processed-data', 'empty/status/')).not.toEqual([]);
  expect((await get(`${stack.url}/status/empty`)).json).toMatchObject({ identifier: 'empty' });
  expect((await get(`${stack.url}/download/dataset/empty.csv`)).text).toBe('time,load\n');
});
