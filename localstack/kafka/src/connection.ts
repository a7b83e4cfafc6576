import type { Socket } from 'node:net';
import { APIS } from './apis/registry.ts';
import { unsupportedApiVersions } from './apis/api-versions.ts';
import type { BrokerState } from './apis/api.ts';
import { Reader } from './protocol/reader.ts';
import { Writer } from './protocol/writer.ts';

/** Bytes of the largest frame taken, as Apache Kafka has it. */
const MAX_FRAME = 104_857_600;
const API_VERSIONS = 18;

/**
 * Serves one connection. Requests are answered in their order, one at a time; what is not of the protocol closes this
 * connection and harms no other.
 */
export function serveConnection(
  socket: Socket,
  state: BrokerState,
  log: (event: Record<string, unknown>) => void,
): void {
  const host = socket.remoteAddress ?? '';
  let parts: Buffer[] = [];
  let buffered = 0;
  let needed = 4;
  let refused = false;
  let queue: Promise<void> = Promise.resolve();
  socket.setNoDelay(true);
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk: Buffer) => {
    parts.push(chunk);
    buffered += chunk.length;
    for (let frame = take(); frame !== undefined; frame = take()) {
      const whole = frame;
      queue = queue
        .then(() => answer(whole))
        .catch((cause: unknown) => {
          refused = true;
          log({ event: 'connection_closed', reason: String(cause), host });
          socket.destroy();
        });
    }
  });
  // A fetch that waits for records looks whether anybody still waits for it.
  socket.on('close', () => state.appended());

  function take(): Buffer | undefined {
    if (buffered < needed) return undefined;
    const bytes = parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
    parts = [bytes];
    const length = bytes.readInt32BE(0);
    if (length <= 0 || length > MAX_FRAME) {
      log({
        event: 'connection_closed',
        reason: `expected a frame of 1 to ${MAX_FRAME} bytes, got ${length}`,
        host,
      });
      socket.destroy();
      refused = true;
      needed = Number.POSITIVE_INFINITY;
      return undefined;
    }
    // Parts are joined once a frame, not once a packet.
    needed = 4 + length;
    if (buffered < needed) return undefined;
    parts = [bytes.subarray(4 + length)];
    buffered -= 4 + length;
    needed = 4;
    return bytes.subarray(4, 4 + length);
  }

  async function answer(frame: Buffer): Promise<void> {
    // What came behind something that is not of the protocol is not acted on.
    if (refused) return;
    const reader = new Reader(frame);
    const [key, version, correlationId] = [reader.int16(), reader.int16(), reader.int32()];
    const clientId = reader.nullableString() ?? '';
    const writer = new Writer().int32(correlationId);
    const api = APIS.get(key);
    if (key === API_VERSIONS && (api === undefined || version > api.max)) unsupportedApiVersions(writer);
    else if (api === undefined || version < api.min || version > api.max)
      throw new RangeError(`expected an API of the offered versions, got key ${key} version ${version}`);
    else if (
      (await api.handle(reader, writer, state, {
        version,
        clientId,
        host,
        connected: () => !socket.destroyed,
      })) === false
    )
      return;
    const body = writer.finish();
    if (socket.destroyed) return;
    const size = Buffer.allocUnsafe(4);
    size.writeInt32BE(body.length, 0);
    socket.write(size);
    socket.write(body);
  }
}
