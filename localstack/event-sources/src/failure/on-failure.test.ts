import { expect, it } from 'vitest';
import { requests } from './on-failure.ts';

const kib = (count: number) => ({ value: Buffer.alloc(count * 1024) });

it('groups messages in order into what a broker takes as one batch, a large one alone', () => {
  const messages = [200, 200, 200, 900, 1, 1].map(kib);
  const sizes = requests(messages).map((group) => group.map(({ value }) => value!.length / 1024));
  expect(sizes).toEqual([[200, 200], [200], [900], [1, 1]]);
});

it('counts keys and headers', () => {
  const message = {
    key: Buffer.alloc(200 * 1024),
    value: null,
    headers: { trace: Buffer.alloc(200 * 1024) },
  };
  expect(requests([message, message]).map((group) => group.length)).toEqual([1, 1]);
});
