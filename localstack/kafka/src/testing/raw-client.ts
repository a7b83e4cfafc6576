// A client of bare frames, for what no real client sends.
import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { Reader } from '../protocol/reader.ts';
import { Writer } from '../protocol/writer.ts';

export interface RawClient {
  readonly socket: Socket;
  readonly closed: Promise<void>;
  /** The answer's body, its correlation id read off. */
  ask(key: number, version: number, body?: Buffer): Promise<Reader>;
  write(bytes: Buffer): void;
}

export async function rawClient(port: number): Promise<RawClient> {
  const socket = connect(port, '127.0.0.1');
  const waiting: ((frame: Buffer) => void)[] = [];
  let bytes: Buffer = Buffer.alloc(0);
  socket.on('error', () => undefined);
  socket.on('data', (chunk: Buffer) => {
    bytes = Buffer.concat([bytes, chunk]);
    while (bytes.length >= 4 && bytes.length >= 4 + bytes.readInt32BE(0)) {
      const end = 4 + bytes.readInt32BE(0);
      waiting.shift()?.(bytes.subarray(4, end));
      bytes = bytes.subarray(end);
    }
  });
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  await once(socket, 'connect');
  return {
    socket,
    closed,
    write: (sent) => void socket.write(sent),
    ask: async (key, version, body = Buffer.alloc(0)) => {
      const answer = new Promise<Buffer>((resolve) => waiting.push(resolve));
      socket.write(frame(key, version, body));
      const ended = closed.then(() => Promise.reject(new Error('the connection was closed')));
      const reader = new Reader(await Promise.race([answer, ended]));
      reader.int32();
      return reader;
    },
  };
}

export function frame(key: number, version: number, body: Buffer): Buffer {
  const request = new Writer().int16(key).int16(version).int32(7).string('raw').raw(body).finish();
  return new Writer().bytes(request).finish();
}

export function produceBody(
  topic: string,
  records: Buffer | null,
  { partition = 0, acks = -1 }: { partition?: number; acks?: number } = {},
): Buffer {
  const writer = new Writer().string(null).int16(acks).int32(1000);
  return writer
    .array([topic], (name) =>
      writer.string(name).array([partition], (index) => writer.int32(index).bytes(records)),
    )
    .finish();
}

/** Error code and base offset of the one partition produced to. */
export async function produceRaw(
  client: RawClient,
  topic: string,
  records: Buffer | null,
): Promise<{ code: number; offset: bigint }> {
  const reader = await client.ask(0, 7, produceBody(topic, records));
  const [answer] = reader
    .array(() => {
      reader.string();
      return reader.array(() => {
        reader.int32();
        const found = { code: reader.int16(), offset: reader.int64() };
        reader.int64();
        reader.int64();
        return found;
      });
    })
    .flat();
  if (answer === undefined) throw new Error('expected one partition answered, got none');
  return answer;
}

export async function createTopic(client: RawClient, name: string, partitions = 1): Promise<number> {
  const writer = new Writer();
  writer.array([name], (topic) =>
    writer
      .string(topic)
      .int32(partitions)
      .int16(1)
      .array([], () => {})
      .array([], () => {}),
  );
  const reader = await client.ask(19, 3, writer.int32(1000).boolean(false).finish());
  reader.int32();
  const [code = -1] = reader.array(() => {
    reader.string();
    const found = reader.int16();
    reader.nullableString();
    return found;
  });
  return code;
}
