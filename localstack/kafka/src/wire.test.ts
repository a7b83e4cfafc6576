import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startBroker, type Broker } from './broker.ts';
import { Writer } from './protocol/writer.ts';
import { encodeBatch, packedBatch } from './testing/batch.ts';
import {
  createTopic,
  frame,
  produceBody,
  produceRaw,
  rawClient,
  type RawClient,
} from './testing/raw-client.ts';

let directory: string;
let broker: Broker;
let client: RawClient;
let events: Record<string, unknown>[];

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'flts-wire-'));
  events = [];
  broker = await startBroker({ directory, port: 0, log: (event) => events.push(event) });
  client = await rawClient(broker.port);
});
afterEach(async () => {
  client.socket.destroy();
  await broker.close();
  rmSync(directory, { recursive: true, force: true });
});

function fetchBody(topic: string, { offset = 0n, maxWaitMs = 0, maxBytes = 1e6 } = {}): Buffer {
  const writer = new Writer().int32(-1).int32(maxWaitMs).int32(1).int32(maxBytes).int8(0);
  return writer
    .array([topic], (name) =>
      writer.string(name).array([0], (index) => writer.int32(index).int64(offset).int32(maxBytes)),
    )
    .finish();
}

/** Error code, high watermark and bytes of the one partition fetched, version 4. */
async function fetchRaw(from: RawClient, body: Buffer) {
  const reader = await from.ask(1, 4, body);
  reader.int32();
  const [found] = reader
    .array(() => {
      reader.string();
      return reader.array(() => {
        reader.int32();
        const [code, end] = [reader.int16(), reader.int64()];
        reader.int64();
        reader.array(() => reader.int64());
        return { code, end, bytes: reader.bytes() };
      });
    })
    .flat();
  return found;
}

describe('produce', () => {
  it('answers the offset of the first record', async () => {
    expect(await createTopic(client, 't')).toBe(0);
    expect(await produceRaw(client, 't', encodeBatch({ values: ['a', 'b'] }))).toEqual({
      code: 0,
      offset: 0n,
    });
    expect(await produceRaw(client, 't', encodeBatch({ values: ['c'] }))).toEqual({ code: 0, offset: 2n });
  });

  it.each([
    ['no batch', null, 87],
    ['two batches', Buffer.concat([encodeBatch({ values: ['a'] }), encodeBatch({ values: ['b'] })]), 87],
    ['half a batch', encodeBatch({ values: ['a'] }).subarray(0, 50), 87],
    ['a batch with a wrong checksum', broken(), 2],
    ['a batch whose records are none', packedBatch(0, Buffer.from('these are no records')), 87],
    ['a record whose header is cut short', packedBatch(0, Buffer.from('10000000010002020161', 'hex')), 87],
    [
      'a batch of fewer records than it says',
      packedBatch(0, encodeBatch({ values: ['a'] }).subarray(61), 2),
      87,
    ],
    [
      'a batch of more records than it says',
      packedBatch(0, encodeBatch({ values: ['a', 'b'] }).subarray(61)),
      87,
    ],
    ['a batch of millions of records', packedBatch(4, Buffer.from('packed'), 1_100_000), 87],
    ['a batch over a megabyte', encodeBatch({ values: ['x'.repeat(1_100_000)] }), 10],
  ])('refuses %s and stores nothing', async (_, records, code) => {
    await createTopic(client, 't');
    expect(await produceRaw(client, 't', records)).toEqual({ code, offset: -1n });
    expect(await produceRaw(client, 't', encodeBatch({ values: ['a'] }))).toEqual({ code: 0, offset: 0n });
  });

  it('makes no topic: that is for a metadata request to do', async () => {
    expect(await produceRaw(client, 'gone', encodeBatch({ values: ['a'] }))).toEqual({
      code: 3,
      offset: -1n,
    });
  });

  it('with acks 0 answers nothing, and closes where it failed', async () => {
    await createTopic(client, 't');
    const batch = encodeBatch({ values: ['a'] });
    client.write(frame(0, 7, produceBody('t', batch, { acks: 0 })));
    expect(await produceRaw(client, 't', batch)).toEqual({ code: 0, offset: 1n });
    client.write(frame(0, 7, produceBody('gone', batch, { acks: 0 })));
    await client.closed;
  });
});

describe('an idempotent producer', () => {
  const batch = (baseSequence: number, producerEpoch = 0) =>
    encodeBatch({ values: ['a', 'b'], producerId: 4n, producerEpoch, baseSequence });

  beforeEach(() => createTopic(client, 't'));

  it('has a repeated batch stored once and answered as before', async () => {
    for (const sequence of [0, 2, 4]) await produceRaw(client, 't', batch(sequence));
    expect(await produceRaw(client, 't', batch(2))).toEqual({ code: 0, offset: 2n });
    expect((await fetchRaw(client, fetchBody('t')))?.end).toBe(6n);
  });

  it('is known again after a restart', async () => {
    await produceRaw(client, 't', batch(0));
    await broker.close();
    broker = await startBroker({ directory, port: 0 });
    client = await rawClient(broker.port);
    expect(await produceRaw(client, 't', batch(0))).toEqual({ code: 0, offset: 0n });
    expect(await produceRaw(client, 't', batch(2))).toEqual({ code: 0, offset: 2n });
  });

  it.each([
    ['a gap', batch(4), 45],
    ['an older epoch', batch(2, -1), 47],
    ['a newer epoch that does not begin at 0', batch(2, 1), 45],
    ['a newer epoch from 0', batch(0, 1), 0],
  ])('after one batch meets %s', async (_, records, code) => {
    await produceRaw(client, 't', batch(0));
    expect((await produceRaw(client, 't', records)).code).toBe(code);
  });
});

describe('fetch', () => {
  it('waits for a record, is woken by it, and holds up no other connection', async () => {
    await createTopic(client, 't');
    const waiting = fetchRaw(client, fetchBody('t', { maxWaitMs: 60_000 }));
    const other = await rawClient(broker.port);
    await produceRaw(other, 't', encodeBatch({ values: ['a'] }));
    expect(await waiting).toMatchObject({ code: 0, end: 1n });
    expect((await waiting)?.bytes.length).toBeGreaterThan(61);
    other.socket.destroy();
  });

  it('is answered at once beyond the end and for a topic that is not', async () => {
    await createTopic(client, 't');
    expect(await fetchRaw(client, fetchBody('t', { offset: 1n, maxWaitMs: 60_000 }))).toMatchObject({
      code: 1,
    });
    expect(await fetchRaw(client, fetchBody('none', { maxWaitMs: 60_000 }))).toMatchObject({ code: 3 });
  });

  it('is answered when its topic is deleted', async () => {
    await createTopic(client, 't');
    const waiting = fetchRaw(client, fetchBody('t', { maxWaitMs: 60_000 }));
    const other = await rawClient(broker.port);
    const body = new Writer().array(['t'], (name, writer) => writer.string(name));
    await other.ask(20, 1, body.int32(1000).finish());
    expect(await waiting).toMatchObject({ code: 3 });
    other.socket.destroy();
  });
});

describe('what is not of the protocol', () => {
  it.each([
    ['HTTP', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['a length of zero', Buffer.from([0, 0, 0, 0])],
    ['a negative length', Buffer.from([255, 255, 255, 255])],
    ['an unknown API', frame(999, 0, Buffer.alloc(0))],
    ['an unoffered version', frame(3, 99, Buffer.alloc(0))],
    ['a body cut short', frame(0, 7, Buffer.from([0]))],
    ['an array of two thousand million items', frame(3, 4, Buffer.from([127, 255, 255, 255]))],
  ])('(%s) closes its connection, is told, and harms no other', async (_, bytes) => {
    const other = await rawClient(broker.port);
    other.write(bytes);
    await other.closed;
    expect(events).toMatchObject([{ event: 'connection_closed', host: '127.0.0.1' }]);
    expect(await createTopic(client, 't')).toBe(0);
  });

  it('takes what came behind it down too', async () => {
    await createTopic(client, 't');
    const other = await rawClient(broker.port);
    const good = frame(0, 7, produceBody('t', encodeBatch({ values: ['a'] })));
    other.write(Buffer.concat([frame(999, 0, Buffer.alloc(0)), good]));
    await other.closed;
    expect((await fetchRaw(client, fetchBody('t')))?.end).toBe(0n);
  });

  it('is not a frame that comes byte by byte', async () => {
    await createTopic(client, 't');
    const other = await rawClient(broker.port);
    const asked = frame(0, 7, produceBody('t', encodeBatch({ values: ['a'] })));
    for (const byte of asked.subarray(0, -1)) other.write(Buffer.from([byte]));
    const answer = new Promise((resolve) => other.socket.once('data', resolve));
    other.write(asked.subarray(-1));
    await answer;
    expect((await fetchRaw(client, fetchBody('t')))?.end).toBe(1n);
    other.socket.destroy();
  });

  it('is not a client that leaves in the middle of a frame, or while its fetch waits', async () => {
    await createTopic(client, 't');
    for (const bytes of [Buffer.from([0, 0, 1, 0, 9]), frame(1, 4, fetchBody('t', { maxWaitMs: 60_000 }))]) {
      const other = await rawClient(broker.port);
      other.write(bytes);
      other.socket.end();
      await other.closed;
    }
    expect(await produceRaw(client, 't', encodeBatch({ values: ['a'] }))).toEqual({ code: 0, offset: 0n });
  });
});

it('answers an unknown version of ApiVersions in the oldest form, and goes on', async () => {
  const refused = await client.ask(18, 99);
  expect(refused.int16()).toBe(35);
  expect(refused.array((each) => [each.int16(), each.int16(), each.int16()])).toEqual([[18, 0, 3]]);
  const offered = await client.ask(18, 0);
  expect(offered.int16()).toBe(0);
  const ranges = offered.array((each) => [each.int16(), each.int16(), each.int16()]);
  // Clients infer features from these: a higher minimum costs compression or fetching.
  expect(ranges).toEqual(
    expect.arrayContaining([
      [0, 0, 7],
      [1, 4, 11],
      [10, 0, 2],
      [22, 0, 1],
    ]),
  );
});

describe('a group nobody has joined', () => {
  it.each([
    ['heartbeat', 12, 3, (writer: Writer) => writer.string('ghost').int32(1).string('m').string(null)],
    ['leave', 13, 1, (writer: Writer) => writer.string('ghost').string('m')],
  ])('answers a %s with an unknown member, and comes not into being', async (_, key, version, write) => {
    const reader = await client.ask(key, version, write(new Writer()).finish());
    reader.int32();
    expect(reader.int16()).toBe(25);
    const listed = await client.ask(16, 1);
    listed.int32();
    expect([listed.int16(), listed.array((each) => [each.string(), each.string()])]).toEqual([0, []]);
  });
});

function broken(): Buffer {
  const batch = encodeBatch({ values: ['a'] });
  batch.writeUInt8(batch.readUInt8(64) ^ 1, 64);
  return batch;
}
