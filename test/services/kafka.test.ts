import { describe, expect, it } from 'vitest';
import { clusterId } from './kafka.ts';

describe('the id of a Kafka cluster', () => {
  it('is one that Kafka’s tool does not take for an option, whatever the bytes', () => {
    for (let first = 0; first < 256; first += 1) {
      const id = clusterId(Buffer.from([first, ...Buffer.alloc(15, 0xfb)]));
      expect(id).toMatch(/^[\w][\w-]{21}$/);
    }
  });
});
