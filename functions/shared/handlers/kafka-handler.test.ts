import type { MSKRecord } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { DataError, FltsError, ServiceError } from '../errors.ts';
import { context, failures, mskEvent, mskRecord } from '../testing/events.ts';
import { createMemoryServices } from '../testing/memory-services.ts';
import { kafkaHandler, route, type Delivery, type Route } from './kafka-handler.ts';

const TOPIC = 'a-topic';
const message = z.object({ id: z.number() });

/** A function whose route does what `act` says of each message's id, and remembers which it saw. */
function functionOf(act: (id: number) => void, options: Partial<Route<typeof message>> = {}) {
  const world = createMemoryServices();
  const seen: number[] = [];
  const deliveries: Delivery[] = [];
  const process: Route<typeof message>['process'] = async ({ id }, delivery) => {
    seen.push(id);
    deliveries.push(delivery);
    act(id);
  };
  const routes = { [TOPIC]: route({ schema: message, process, ...options }) };
  const handler = kafkaHandler({ name: 'a-function', routes, services: world.services });
  return {
    ...world,
    seen,
    deliveries,
    routes,
    deliver: (...records: MSKRecord[]) => handler(mskEvent(...records), context),
  };
}

const record = (id: number, partition = 0): MSKRecord =>
  mskRecord({ topic: TOPIC, partition, offset: id, value: { id } });
const failOn =
  (bad: number, error: Error) =>
  (id: number): void => {
    if (id === bad) throw error;
  };
const hopeless = new DataError('column_missing', 'expected a column a, got none');
const passing = new ServiceError('storage_unavailable', 'expected S3 to answer, got silence');

describe('a record that succeeds', () => {
  it('reaches its route decoded, with key, headers, place and the time left', async () => {
    const { deliver, deliveries } = functionOf(() => {});
    const headers = { correlation_id: 'c-1', note: 'Größe' };
    await deliver(
      mskRecord({ topic: TOPIC, partition: 2, offset: 5, value: { id: 7 }, key: 'café', headers }),
    );
    expect(deliveries).toMatchObject([
      {
        topic: TOPIC,
        partition: 2,
        offset: 5,
        key: 'café',
        headers,
        correlationId: 'c-1',
        timestamp: Date.UTC(2024, 4, 1),
      },
    ]);
    expect(deliveries[0]?.remainingMs()).toBe(60_000);
  });

  it('may have no key and no correlation id: its place stands for that', async () => {
    const { deliver, deliveries } = functionOf(() => {});
    await deliver(mskRecord({ topic: TOPIC, partition: 2, offset: 5, value: { id: 7 }, key: null }));
    expect(deliveries).toMatchObject([{ key: null, correlationId: 'a-topic-2-5' }]);
  });

  it('may have header bytes that arrived signed', async () => {
    const { deliver, deliveries } = functionOf(() => {});
    const signed = [...Buffer.from('Größe')].map((byte) => (byte > 127 ? byte - 256 : byte));
    await deliver({ ...record(1), headers: [{ note: signed }] });
    expect(deliveries[0]?.headers).toEqual({ note: 'Größe' });
  });

  it('is completed before its schema is checked', async () => {
    const { deliver, seen } = functionOf(() => {}, {
      complete: async (raw, { offset }) => ({ ...raw, id: offset }),
    });
    await deliver(mskRecord({ topic: TOPIC, offset: 9, value: {} }));
    expect(seen).toEqual([9]);
  });

  it('may be anything that its route decodes', async () => {
    const { deliver, seen } = functionOf(() => {}, { decode: (text) => ({ id: text.length }) });
    await deliver(mskRecord({ topic: TOPIC, value: 'not JSON {' }));
    expect(seen).toEqual([10]);
  });
});

describe('a record whose error is not retryable', () => {
  it('goes to DLQ-<topic> as it came, with what is known of its failure, and counts as handled', async () => {
    const { deliver, seen, publisher, log } = functionOf(failOn(1, hopeless));
    const headers = { correlation_id: 'c-1' };
    const bad = mskRecord({ topic: TOPIC, partition: 3, offset: 41, value: '{"id":1, "more":"ü"}', headers });
    expect(await deliver(bad, record(2, 3))).toEqual({ batchItemFailures: [] });
    expect(seen).toEqual([1, 2]);
    expect(publisher.sent).toEqual([
      {
        topic: 'DLQ-a-topic',
        key: Buffer.from('us-flights'),
        value: Buffer.from('{"id":1, "more":"ü"}'),
        headers: {
          correlation_id: 'c-1',
          dlq_error_name: 'DataError',
          dlq_error_code: 'column_missing',
          dlq_error_message: 'expected a column a, got none',
          dlq_function: 'a-function',
          dlq_topic: TOPIC,
          dlq_partition: '3',
          dlq_offset: '41',
          dlq_timestamp: '2024-05-01T12:00:00.000Z',
        },
      },
    ]);
    expect(log.lines).toMatchObject([{ level: 'error', event: 'record_given_up', place: 'a-topic/3/41' }]);
  });

  it.each([
    ['is not JSON', 'not json {', 'message_not_json', 'a-topic/0/4'],
    ['is JSON but no object', '[1]', 'message_not_json', 'a-topic/0/4'],
    ['lacks a field', '{"name":"x"}', 'message_invalid', 'id:'],
    ['is empty', '', 'message_not_json', 'a-topic/0/4'],
  ])('may be one that %s: nothing of it reaches the route', async (_name, value, code, place) => {
    const { deliver, seen, publisher } = functionOf(() => {});
    expect(await deliver(mskRecord({ topic: TOPIC, offset: 4, value }))).toEqual({ batchItemFailures: [] });
    expect(seen).toEqual([]);
    expect(publisher.sent[0]?.headers).toMatchObject({ dlq_error_code: code });
    expect(publisher.sent[0]?.headers?.['dlq_error_message']).toContain(place);
  });

  it('may be of a topic that the function does not read', async () => {
    const { deliver, publisher } = functionOf(() => {});
    await deliver(mskRecord({ topic: 'another', value: { id: 1 } }));
    expect(publisher.sent).toMatchObject([
      { topic: 'DLQ-another', headers: { dlq_error_code: 'message_invalid' } },
    ]);
  });

  it('comes again where the DLQ does not take it, and holds up no other partition', async () => {
    const { deliver, seen, services } = functionOf(failOn(1, hopeless));
    services.publisher.send = async () => {
      throw new ServiceError('broker_unavailable', 'expected the broker, got silence');
    };
    expect(failures(await deliver(record(1), record(2), record(8, 1)))).toEqual({ 'a-topic-0': 1 });
    expect(seen).toEqual([1, 8]);
  });
});

describe('a record whose error is retryable', () => {
  it('is reported by its offset, and nothing behind it is processed', async () => {
    const { deliver, seen, publisher, log } = functionOf(failOn(2, passing));
    expect(failures(await deliver(record(1), record(2), record(3)))).toEqual({ 'a-topic-0': 2 });
    expect(seen).toEqual([1, 2]);
    expect(publisher.sent).toEqual([]);
    expect(log.lines).toMatchObject([{ event: 'record_failed', place: 'a-topic/0/2' }]);
  });

  it('holds up its own partition alone', async () => {
    const { deliver, seen } = functionOf(failOn(2, passing));
    const answer = await deliver(record(2, 0), record(3, 0), record(7, 1), record(8, 1));
    expect(failures(answer)).toEqual({ 'a-topic-0': 2 });
    expect(seen).toEqual([2, 7, 8]);
  });
});

describe('a record whose error is of no known kind', () => {
  const strange = new Error('something else');

  it('is tried twice, then given up, and the next one is handled', async () => {
    const { deliver, seen, publisher } = functionOf(failOn(2, strange));
    expect(await deliver(record(1), record(2), record(3))).toEqual({ batchItemFailures: [] });
    expect(seen).toEqual([1, 2, 2, 3]);
    expect(publisher.sent).toMatchObject([
      { topic: 'DLQ-a-topic', headers: { dlq_error_code: 'internal', dlq_error_message: 'something else' } },
    ]);
  });

  it('is handled where the second try succeeds', async () => {
    let fails = true;
    const { deliver, seen, publisher } = functionOf(() => {
      if (fails) {
        fails = false;
        throw strange;
      }
    });
    expect(await deliver(record(1))).toEqual({ batchItemFailures: [] });
    expect([seen, publisher.sent]).toEqual([[1, 1], []]);
  });

  it('comes again where the second try says that it may succeed later', async () => {
    const errors = [strange, passing];
    const { deliver, publisher } = functionOf(() => {
      throw errors.shift();
    });
    expect(failures(await deliver(record(1)))).toEqual({ 'a-topic-0': 1 });
    expect(publisher.sent).toEqual([]);
  });

  it.each([
    ['a program that is wrong', new TypeError('x is undefined')],
    ['a number out of range', new RangeError('Invalid array length')],
    ['a trap', new WebAssembly.RuntimeError('unreachable')],
  ])('is given up at once where it is known never to pass: %s', async (_name, error) => {
    const { deliver, seen, publisher } = functionOf(failOn(2, error));
    expect(await deliver(record(2), record(3))).toEqual({ batchItemFailures: [] });
    expect(seen).toEqual([2, 3]);
    expect(publisher.sent).toMatchObject([{ headers: { dlq_error_name: error.name } }]);
  });
});

describe('a record that the DLQ is too small for', () => {
  it('leaves its headers there, and says where the value is', async () => {
    const { deliver, services, publisher } = functionOf(failOn(1, hopeless));
    const working = { ...services.publisher };
    services.publisher.send = async (topic, records) => {
      if (records.some(({ value }) => value !== null))
        throw new FltsError('broker_refused', 'expected a smaller one');
      await working.send(topic, records);
    };
    expect(await deliver(record(1), record(2))).toEqual({ batchItemFailures: [] });
    expect(publisher.sent).toMatchObject([
      { value: null, headers: { dlq_offset: '1', dlq_value: expect.stringContaining('too large') } },
    ]);
  });
});

describe('without a DLQ of its own', () => {
  it('logs what can never succeed and goes on, since it lies in the DLQ already', async () => {
    const { routes, services, publisher, seen, log } = functionOf(failOn(1, hopeless));
    const handler = kafkaHandler({ name: 'reader-of-the-dlq', routes, services, deadLetters: false });
    expect(failures(await handler(mskEvent(record(1), record(2)), context))).toEqual({});
    expect([seen, publisher.sent]).toEqual([[1, 2], []]);
    expect(log.lines).toMatchObject([{ event: 'record_given_up', place: 'a-topic/0/1' }]);
  });

  it('retries what may succeed later', async () => {
    const { routes, services } = functionOf(failOn(1, passing));
    const handler = kafkaHandler({ name: 'reader-of-the-dlq', routes, services, deadLetters: false });
    expect(failures(await handler(mskEvent(record(1)), context))).toEqual({ 'a-topic-0': 1 });
  });
});

describe('a route that takes the records of a partition together', () => {
  function batching(act: (ids: number[]) => void, one: (id: number) => void = () => {}) {
    const batches: number[][] = [];
    const processBatch: Route<typeof message>['processBatch'] = async (entries) => {
      const ids = entries.map((entry) => entry.message.id);
      batches.push(ids);
      act(ids);
    };
    return { batches, ...functionOf(one, { processBatch }) };
  }

  it('gets each partition once', async () => {
    const { deliver, batches, seen } = batching(() => {});
    await deliver(record(1), record(2), record(7, 1));
    expect([batches, seen]).toEqual([[[1, 2], [7]], []]);
  });

  it('has all of them delivered again after a retryable error', async () => {
    const { deliver, batches } = batching((ids) => {
      if (ids.includes(2)) throw passing;
    });
    expect(failures(await deliver(record(1), record(2), record(7, 1)))).toEqual({ 'a-topic-0': 1 });
    expect(batches).toEqual([[1, 2], [7]]);
  });

  it('gets them one by one after any other error, so that only the one at fault is given up', async () => {
    const { deliver, seen, publisher } = batching(
      () => {
        throw hopeless;
      },
      failOn(2, hopeless),
    );
    expect(await deliver(record(1), record(2), record(3))).toEqual({ batchItemFailures: [] });
    expect(seen).toEqual([1, 2, 3]);
    expect(publisher.sent.map(({ value }) => String(value))).toEqual(['{"id":2}']);
  });

  it('handles what came before an invalid record before that is given up, and goes on behind it', async () => {
    const order: string[] = [];
    const { deliver, services } = batching((ids) => order.push(ids.join()));
    services.publisher.send = async (topic) => void order.push(topic);
    await deliver(record(1), mskRecord({ topic: TOPIC, offset: 2, value: 'x' }), record(3));
    expect(order).toEqual(['1', 'DLQ-a-topic', '3']);
  });

  it('gives nothing up where what came before must come again', async () => {
    const { deliver, publisher } = batching(() => {
      throw passing;
    });
    const answer = await deliver(record(1), mskRecord({ topic: TOPIC, offset: 2, value: 'x' }));
    expect([failures(answer), publisher.sent]).toEqual([{ 'a-topic-0': 1 }, []]);
  });
});
