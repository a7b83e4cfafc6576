import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { deferred, settledWithin } from '../src/backoff.ts';
import { startTestBroker, type TestBroker } from './broker.ts';
import { failures, startPoller, type Poller, type PollerOptions, type TestFunction } from './poller.ts';

let broker: TestBroker;
const pollers: Poller[] = [];

beforeAll(async () => {
  broker = await startTestBroker();
});

afterEach(async () => {
  await Promise.all(pollers.splice(0).map((poller) => poller.stop(0)));
});

afterAll(async () => {
  await broker.close();
});

function poll(options: PollerOptions, run: TestFunction): Poller {
  const poller = startPoller(broker, options, run);
  pollers.push(poller);
  return poller;
}

const values = (...texts: string[]) => texts.map((value) => ({ value, partition: 0 }));
const succeed: TestFunction = () => Promise.resolve(null);
const headerTexts = (headers: object | undefined) =>
  Object.fromEntries(Object.entries(headers ?? {}).map(([name, value]) => [name, String(value)]));

describe('commits', () => {
  it('commits a batch only after the function has handled it', async () => {
    const topic = await broker.createTopic();
    await broker.produce(topic, values('a', 'b'));
    const finish = deferred<null>();
    const poller = poll({ topic, batchSize: 2 }, () => finish.promise);
    const [invocation] = await poller.invocations.waitFor(() => true);
    expect(invocation!.offsets).toEqual([0, 1]);
    expect(await broker.committed(poller.group, topic)).toEqual([-1]);
    finish.resolve(null);
    await broker.waitForCommitted(poller.group, topic, [2]);
  });

  it('goes on after a restart where the last poller committed', async () => {
    const topic = await broker.createTopic();
    await broker.produce(topic, values('a', 'b'));
    const first = poll({ topic }, succeed);
    await broker.waitForCommitted(first.group, topic, [2]);
    await first.stop();
    await broker.produce(topic, values('c'));
    const second = poll({ topic }, succeed);
    await second.invocations.waitFor(() => true);
    await broker.waitForCommitted(second.group, topic, [3]);
    expect(second.invocations.entries.map(({ offsets }) => offsets)).toEqual([[2]]);
  });

  it('splits what it fetched by batchSize and keeps the order', async () => {
    const topic = await broker.createTopic();
    await broker.produce(topic, values('a', 'b', 'c', 'd', 'e'));
    const poller = poll({ topic, batchSize: 2 }, succeed);
    await broker.waitForCommitted(poller.group, topic, [5]);
    expect(poller.invocations.entries.map(({ offsets }) => offsets)).toEqual([[0, 1], [2, 3], [4]]);
  });
});

describe('filter patterns', () => {
  const filterPatterns = [{ value: { kind: ['wanted'] } }];
  const wanted = JSON.stringify({ kind: 'wanted' });
  const other = JSON.stringify({ kind: 'other' });

  it('invokes with the matching records alone and commits the others with them', async () => {
    const topic = await broker.createTopic();
    await broker.produce(topic, values(other, wanted, 'no JSON', wanted, other));
    const poller = poll({ topic, filterPatterns }, succeed);
    await broker.waitForCommitted(poller.group, topic, [5]);
    expect(poller.invocations.entries.map(({ offsets }) => offsets)).toEqual([[1, 3]]);
  });

  it('commits without an invoke where nothing matches', async () => {
    const topic = await broker.createTopic();
    await broker.produce(topic, values(other, 'no JSON'));
    const poller = poll({ topic, filterPatterns }, succeed);
    await broker.waitForCommitted(poller.group, topic, [2]);
    await broker.produce(topic, values(wanted));
    await broker.waitForCommitted(poller.group, topic, [3]);
    expect(poller.invocations.entries.map(({ offsets }) => offsets)).toEqual([[2]]);
  });

  it('commits nothing beyond a matching record that is not handled yet', async () => {
    const topic = await broker.createTopic();
    await broker.produce(topic, values(other, wanted, other));
    const finish = deferred<null>();
    const poller = poll({ topic, filterPatterns }, () => finish.promise);
    await poller.invocations.waitFor(() => true);
    expect(await broker.committed(poller.group, topic)).toEqual([-1]);
    finish.resolve(null);
    await broker.waitForCommitted(poller.group, topic, [3]);
  });
});

describe('starting position', () => {
  it('begins with LATEST at the end and skips nothing across a restart before the first commit', async () => {
    const topic = await broker.createTopic();
    await broker.produce(topic, values('old'));
    const first = poll({ topic, startingPosition: 'LATEST' }, succeed);
    await first.ready;
    await broker.waitForCommitted(first.group, topic, [1]);
    await first.stop();
    await broker.produce(topic, values('between'));
    const second = poll({ topic, startingPosition: 'LATEST' }, succeed);
    await second.invocations.waitFor(() => true);
    expect(second.invocations.entries.map(({ offsets }) => offsets)).toEqual([[1]]);
    expect(first.invocations.entries).toEqual([]);
  });
});

describe('failures', () => {
  it('retries from the record that batchItemFailures names and commits those before it', async () => {
    const topic = await broker.createTopic();
    await broker.produce(topic, values('a', 'b', 'c', 'd'));
    const again = deferred<null>();
    const poller = poll({ topic, batchSize: 4, reportBatchItemFailures: true }, async ({ offsets }) => {
      if (offsets[0] === 0) return failures(topic, 0, [2]);
      return again.promise;
    });
    await poller.invocations.waitFor(() => true, { count: 2 });
    await broker.waitForCommitted(poller.group, topic, [2]);
    again.resolve(null);
    await broker.waitForCommitted(poller.group, topic, [4]);
    expect(poller.invocations.entries.map(({ offsets }) => offsets)).toEqual([
      [0, 1, 2, 3],
      [2, 3],
    ]);
  });

  it('retries the whole batch when the function throws or names a record that was not in it', async () => {
    const topic = await broker.createTopic();
    await broker.produce(topic, values('a', 'b'));
    let attempt = 0;
    const poller = poll({ topic, batchSize: 2, reportBatchItemFailures: true }, () => {
      attempt += 1;
      if (attempt === 1) throw new Error('first');
      return Promise.resolve(attempt === 2 ? failures(topic, 0, [7]) : null);
    });
    await broker.waitForCommitted(poller.group, topic, [2]);
    expect(poller.invocations.entries.map(({ offsets }) => offsets)).toEqual([
      [0, 1],
      [0, 1],
      [0, 1],
    ]);
    const codes = poller.lines.entries
      .filter(({ event }) => event === 'batch_failed')
      .map(({ error, attempt: count }) => [(error as { code: string }).code, count]);
    expect(codes).toEqual([
      ['UNKNOWN', 1],
      ['FUNCTION_RESPONSE_INVALID', 2],
    ]);
  });

  it('gives a record up after its attempts, as it came and with the reason in headers', async () => {
    const topic = await broker.createTopic();
    const dead = await broker.createTopic();
    await broker.produce(topic, [
      { value: 'good', partition: 0 },
      { key: 'k', value: 'poison', headers: { kept: 'yes' }, partition: 0 },
      { value: 'also good', partition: 0 },
    ]);
    const options = { topic, batchSize: 1, maximumRetryAttempts: 2, onFailure: `kafka://${dead}` };
    const poller = poll(options, ({ records }) => {
      if (Buffer.from(records[0]!.value!, 'base64').toString() === 'poison') throw new TypeError('no good');
      return Promise.resolve(null);
    });
    await broker.waitForCommitted(poller.group, topic, [3]);
    const journal = await broker.tap(dead);
    const [message] = await journal.waitFor(() => true);
    expect(String(message!.key)).toBe('k');
    expect(String(message!.value)).toBe('poison');
    expect(headerTexts(message!.headers)).toEqual({
      kept: 'yes',
      dlq_error_name: 'TypeError',
      dlq_error_code: 'UNKNOWN',
      dlq_error_message: 'no good',
      dlq_attempts: '3',
      dlq_function: 'under-test',
      dlq_topic: topic,
      dlq_partition: '0',
      dlq_offset: '1',
      dlq_timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    });
    expect(poller.invocations.entries.map(({ offsets }) => offsets)).toEqual([[0], [1], [1], [1], [2]]);
  });

  it('lets a poison record hold up its own partition alone', async () => {
    const topic = await broker.createTopic(2);
    await broker.produce(topic, [
      { value: 'poison', partition: 0 },
      { value: 'a', partition: 1 },
      { value: 'b', partition: 1 },
    ]);
    const poller = poll({ topic, batchSize: 1 }, ({ partition }) => {
      if (partition === 0) throw new Error('poison');
      return Promise.resolve(null);
    });
    await poller.invocations.waitFor(({ partition }) => partition === 0, { count: 5 });
    await broker.waitForCommitted(poller.group, topic, [-1, 2]);
    const served = poller.invocations.entries.filter(({ partition }) => partition === 1);
    expect(served.map(({ offsets }) => offsets)).toEqual([[0], [1]]);
  });
});

describe('concurrency', () => {
  it('runs one invoke a partition at a time, and those of several partitions side by side', async () => {
    const topic = await broker.createTopic(2);
    const each = ['a', 'b', 'c'].flatMap((value) => [0, 1].map((partition) => ({ value, partition })));
    await broker.produce(topic, each);
    const together = deferred<null>();
    const running = new Set<number>();
    const poller = poll({ topic, batchSize: 1 }, async ({ partition }) => {
      expect(running.has(partition)).toBe(false);
      running.add(partition);
      // Nothing ends before both partitions have begun.
      if (running.size === 2) together.resolve(null);
      await together.promise;
      await new Promise(setImmediate);
      running.delete(partition);
    });
    await broker.waitForCommitted(poller.group, topic, [3, 3]);
    for (const partition of [0, 1]) {
      const own = poller.invocations.entries.filter((invocation) => invocation.partition === partition);
      expect(own.map(({ offsets }) => offsets)).toEqual([[0], [1], [2]]);
    }
  });
});

describe('groups', () => {
  it('keeps its membership and serves other partitions during an invoke longer than the session timeout', async () => {
    const topic = await broker.createTopic(2);
    await broker.produce(topic, [{ value: 'long', partition: 0 }]);
    const finish = deferred<null>();
    const poller = poll({ topic, batchSize: 1, sessionTimeoutMs: 6000 }, ({ partition }) =>
      partition === 0 ? finish.promise : Promise.resolve(null),
    );
    await poller.invocations.waitFor(({ partition }) => partition === 0);
    // Nothing to wait for: the session timeout itself has to pass.
    await settledWithin(finish.promise, 9000);
    await broker.produce(topic, [{ value: 'short', partition: 1 }]);
    await broker.waitForCommitted(poller.group, topic, [-1, 1]);
    finish.resolve(null);
    await broker.waitForCommitted(poller.group, topic, [1, 1]);
    expect(poller.lines.entries.filter(({ event }) => event === 'rebalance')).toHaveLength(1);
    expect(poller.invocations.entries.filter(({ partition }) => partition === 0)).toHaveLength(1);
  }, 30_000);

  it('drops the commit of a partition lost in the middle of a batch, and keeps that of a retained one', async () => {
    const topic = await broker.createTopic(2);
    await broker.produce(topic, [
      { value: 'a', partition: 0 },
      { value: 'b', partition: 1 },
    ]);
    const finish = deferred<null>();
    const first = poll({ topic, batchSize: 1 }, () => finish.promise);
    await first.invocations.waitFor(() => true, { count: 2 });
    const second = poll({ topic, batchSize: 1 }, succeed);
    const [taken] = await second.invocations.waitFor(() => true);
    const [loss] = await first.lines.waitFor(
      ({ event, lost }) => event === 'rebalance' && Array.isArray(lost) && lost.length > 0,
    );
    expect(loss!['lost']).toEqual([taken!.partition]);
    await broker.produce(topic, [{ value: 'c', partition: taken!.partition }]);
    await second.invocations.waitFor(({ offsets }) => offsets[0] === 1);
    const ahead = taken!.partition === 0 ? [2, -1] : [-1, 2];
    await broker.waitForCommitted(first.group, topic, ahead);
    finish.resolve(null);
    await broker.waitForCommitted(
      first.group,
      topic,
      ahead.map((offset) => (offset === -1 ? 1 : 2)),
    );
    const kept = 1 - taken!.partition;
    await broker.produce(topic, [{ value: 'd', partition: kept }]);
    await broker.waitForCommitted(first.group, topic, [2, 2]);
    const keptOffsets = first.invocations.entries.filter(({ partition }) => partition === kept);
    expect(keptOffsets.map(({ offsets }) => offsets)).toEqual([[0], [1]]);
    expect(second.invocations.entries.map(({ offsets }) => offsets)).toEqual([[0], [1]]);
  }, 30_000);

  it('does not rewind an offset that another member moved while the group was joined anew', async () => {
    const topic = await broker.createTopic();
    await broker.produce(topic, values('a', 'b', 'c', 'd'));
    const finish = deferred<null>();
    const poller = poll({ topic, batchSize: 1 }, ({ offsets }) =>
      offsets[0] === 0 ? finish.promise : Promise.resolve(null),
    );
    await poller.invocations.waitFor(() => true);
    // The first member in alphabetical order gets the one partition: this one gets none and commits all the same.
    const rival = await broker.joinGroup(poller.group, topic, 'zz-rival');
    await poller.lines.waitFor(({ event }) => event === 'rebalance', { count: 2 });
    await rival.commitOffsets([{ topic, partition: 0, offset: '3' }]);
    finish.resolve(null);
    await poller.invocations.waitFor(({ offsets }) => offsets[0] === 3);
    await broker.waitForCommitted(poller.group, topic, [4]);
    expect(poller.invocations.entries.map(({ offsets }) => offsets)).toEqual([[0], [3]]);
  }, 30_000);
});

describe('stopping', () => {
  it('finishes and commits the running batch', async () => {
    const topic = await broker.createTopic();
    await broker.produce(topic, values('a', 'b'));
    const finish = deferred<null>();
    const poller = poll({ topic, batchSize: 1 }, () => finish.promise);
    await poller.invocations.waitFor(() => true);
    const stopped = poller.stop(3000);
    finish.resolve(null);
    await stopped;
    expect(await broker.committed(poller.group, topic)).toEqual([1]);
    expect(poller.invocations.entries).toHaveLength(1);
  });

  it('gives back a batch that does not finish in time', async () => {
    const topic = await broker.createTopic();
    await broker.produce(topic, values('a'));
    const finish = deferred<null>();
    const first = poll({ topic }, () => finish.promise);
    await first.invocations.waitFor(() => true);
    await first.stop(50);
    const second = poll({ topic }, succeed);
    await broker.waitForCommitted(second.group, topic, [1]);
    finish.resolve(null);
    expect(second.invocations.entries.map(({ offsets }) => offsets)).toEqual([[0]]);
  });
});
