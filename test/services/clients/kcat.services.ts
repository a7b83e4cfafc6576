// kcat, which is librdkafka, with its defaults.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BROKERS, startTarget, uniqueName, type BrokerTarget } from './brokers.ts';
import { runProgram } from './program.ts';

const LINES = Array.from({ length: 100 }, (_, index) => `line ${index}\n`).join('');

describe.each(BROKERS)('kcat at %s', (name) => {
  let broker: BrokerTarget;
  beforeAll(async () => {
    broker = await startTarget(name);
  });
  afterAll(() => broker?.close());

  async function kcat(args: readonly string[], input = ''): Promise<string> {
    const done = await runProgram('kcat', ['-b', broker.bootstrapServers, ...args], input);
    expect(done, done.stderr).toMatchObject({ code: 0 });
    return done.stdout;
  }

  it.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'])('reads what it wrote with %s', async (codec) => {
    const topic = uniqueName('kcat');
    await kcat(['-P', '-t', topic, '-z', codec], LINES);
    expect(await kcat(['-C', '-t', topic, '-o', 'beginning', '-e', '-q'])).toBe(LINES);
  });

  it('writes as an idempotent producer, and reads in a group', async () => {
    const [topic, group] = [uniqueName('kcat'), uniqueName('group')];
    await kcat(['-P', '-t', topic, '-X', 'enable.idempotence=true'], LINES);
    const read = ['-G', group, '-X', 'auto.offset.reset=earliest', '-c', '100', '-q', topic];
    expect(await kcat(read)).toBe(LINES);
  });

  it('shows keys, headers, partitions and offsets, and where a topic ends', async () => {
    const topic = uniqueName('kcat');
    await kcat(['-P', '-t', topic, '-K', ':', '-H', 'source=test'], 'a:1\nb:2\n');
    const format = ['-f', '%p/%o %k=%s %h\n'];
    expect(await kcat(['-C', '-t', topic, '-o', 'beginning', '-e', '-q', ...format])).toBe(
      '0/0 a=1 source=test\n0/1 b=2 source=test\n',
    );
    expect(await kcat(['-Q', '-t', `${topic}:0:-1`])).toBe(`${topic} [0] offset 2\n`);
    expect(await kcat(['-L', '-t', topic])).toMatch(
      new RegExp(`topic "${topic}" with 1 partitions:\n\\s+partition 0, leader 1, replicas: 1, isrs: 1`, 'u'),
    );
  });
});
