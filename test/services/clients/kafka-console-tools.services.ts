// Apache Kafka's own console tools, with their defaults.
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BROKERS, startTarget, uniqueName, type BrokerTarget } from './brokers.ts';
import { runProgram } from './program.ts';

const JARS = join(process.env['TEST_KAFKA_JARS'] ?? '', '*');
const JVM = ['-Xmx256m', '-XX:TieredStopAtLevel=1', '-Dorg.slf4j.simpleLogger.defaultLogLevel=error'];
const TOOLS = 'org.apache.kafka.tools';
const TIMEOUT = { timeout: 120_000 };

describe.each(BROKERS)("Apache Kafka's console tools at %s", (name) => {
  let broker: BrokerTarget;
  beforeAll(async () => {
    broker = await startTarget(name);
  });
  afterAll(() => broker?.close());

  /** The tool's standard output; its end must be a good one. */
  async function tool(main: string, args: readonly string[], input = ''): Promise<string> {
    const server = ['--bootstrap-server', broker.bootstrapServers];
    const done = await runProgram(
      'java',
      [...JVM, '-cp', JARS, `${TOOLS}.${main}`, ...server, ...args],
      input,
    );
    expect(done, done.stderr).toMatchObject({ code: 0 });
    return done.stdout;
  }
  const topics = (...args: string[]) => tool('TopicCommand', args);
  const groups = (...args: string[]) => tool('consumer.group.ConsumerGroupCommand', args);
  const produce = (topic: string, input: string, ...args: string[]) =>
    tool('ConsoleProducer', ['--topic', topic, ...args], input);
  const consume = (topic: string, count: number, ...args: string[]) => {
    const range = ['--from-beginning', '--max-messages', String(count), '--timeout-ms', '30000'];
    return tool('consumer.ConsoleConsumer', ['--topic', topic, ...range, ...args]);
  };

  it('make, grow, describe and remove a topic', TIMEOUT, async () => {
    const topic = uniqueName('tools');
    expect(await topics('--create', '--topic', topic, '--partitions', '2')).toContain(
      `Created topic ${topic}.`,
    );
    await topics('--alter', '--topic', topic, '--partitions', '3');
    const described = await topics('--describe', '--topic', topic);
    expect(described).toMatch(/PartitionCount: 3\s+ReplicationFactor: 1/u);
    expect(described.match(/Leader: 1\s+Replicas: 1\s+Isr: 1/gu)).toHaveLength(3);
    await topics('--delete', '--topic', topic);
    expect((await topics('--list')).split('\n')).not.toContain(topic);
  });

  it('produce with keys, consume in a group, and see and set its offsets', TIMEOUT, async () => {
    const [topic, group] = [uniqueName('tools'), uniqueName('group')];
    const keyed = ['--property', 'parse.key=true', '--property', 'key.separator=:'];
    await produce(topic, 'k1:one\nk2:zwei ü\nk3:three\n', ...keyed);
    const shown = await consume(topic, 3, '--group', group, '--property', 'print.key=true');
    expect(shown).toBe('k1\tone\nk2\tzwei ü\nk3\tthree\n');
    expect((await groups('--list')).split('\n')).toContain(group);
    const lag = async (): Promise<string[] | undefined> =>
      (await groups('--describe', '--group', group))
        .split('\n')
        .map((line) => line.split(/\s+/u))
        .find(([of]) => of === group)
        ?.slice(1, 6);
    expect(await lag()).toEqual([topic, '0', '3', '3', '0']);
    await groups('--group', group, '--topic', topic, '--reset-offsets', '--to-earliest', '--execute');
    expect(await lag()).toEqual([topic, '0', '0', '3', '3']);
    expect(await groups('--delete', '--group', group)).toContain('was successful');
  });

  it.each(['gzip', 'snappy', 'lz4', 'zstd'])('read what they wrote with %s', TIMEOUT, async (codec) => {
    const topic = uniqueName('tools');
    const lines = Array.from({ length: 200 }, (_, index) => `line ${index}\n`).join('');
    await produce(topic, lines, '--compression-codec', codec);
    expect(await consume(topic, 200)).toBe(lines);
  });
});
