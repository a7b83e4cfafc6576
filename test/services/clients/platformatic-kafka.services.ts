// @platformatic/kafka, with its defaults.
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BROKERS, startTarget, uniqueName, type BrokerTarget } from './brokers.ts';
import { installPlatformatic } from './platformatic.ts';
import { runProgram } from './program.ts';

const SCRIPT = join(import.meta.dirname, 'platformatic-client.mjs');

describe.each(BROKERS)('@platformatic/kafka at %s', (name) => {
  let broker: BrokerTarget;
  let folder: string;
  beforeAll(async () => {
    folder = await installPlatformatic();
    broker = await startTarget(name);
  }, 180_000);
  afterAll(() => broker?.close());

  it('makes a topic, writes with every compression and reads in a group', { timeout: 60_000 }, async () => {
    const node = join(folder, 'node_modules', 'node', 'bin', 'node');
    const done = await runProgram(node, [
      SCRIPT,
      folder,
      broker.bootstrapServers,
      uniqueName('platformatic'),
    ]);
    expect(done, done.stderr).toMatchObject({ code: 0 });
    expect(JSON.parse(done.stdout)).toEqual([
      ['k', 'none', 'x', 0],
      ['k', 'gzip', 'x', 1],
      ['k', 'snappy', 'x', 2],
      ['k', 'lz4', 'x', 3],
      ['k', 'zstd', 'x', 4],
    ]);
  });
});
