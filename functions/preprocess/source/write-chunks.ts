import { open, type FileHandle } from 'node:fs/promises';

/** Bytes that are written at once. */
const ROOM_BYTES = 1 << 20;
/** One that is filled, one that is written, and two between them, since neither goes at an even pace. */
const ROOMS = 4;

/**
 * Writes chunks into a new file, a megabyte of them while the next ones are collected: a stream would wait until all that it holds is
 * written before it asks for more. They are copied into rooms, which are no garbage for the collector as what joins them would be.
 */
export async function writeChunks(file: string, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  const handle = await open(file, 'w');
  const waiting: Promise<Buffer>[] = [];
  let room: Buffer = Buffer.allocUnsafeSlow(ROOM_BYTES);
  let filled = 0;
  const write = async (): Promise<void> => {
    const writing = writeAfter(waiting.at(-1), handle, room.subarray(0, filled));
    // Met where it is waited for.
    writing.catch(() => {});
    waiting.push(writing);
    const free = waiting.length < ROOMS ? undefined : await waiting.shift();
    [room, filled] = [free ?? Buffer.allocUnsafeSlow(ROOM_BYTES), 0];
  };
  try {
    for await (const chunk of chunks) {
      for (let from = 0; from < chunk.length;) {
        const taken = chunk.subarray(from, from + ROOM_BYTES - filled);
        room.set(taken, filled);
        filled += taken.length;
        from += taken.length;
        if (filled === ROOM_BYTES) await write();
      }
    }
    await write();
    await waiting.at(-1);
  } finally {
    await Promise.allSettled(waiting);
    await handle.close();
  }
}

/** Gives the bytes back once they are written. */
async function writeAfter(
  before: Promise<unknown> | undefined,
  handle: FileHandle,
  bytes: Buffer,
): Promise<Buffer> {
  await before;
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done);
    done += bytesWritten;
  }
  return bytes;
}
