import { open } from 'node:fs/promises';

/** Bytes that are written at once. */
const WRITTEN_BYTES = 1 << 20;

/**
 * Writes chunks into a new file, a megabyte of them while the next one is collected: a stream would wait until all that it holds is
 * written before it asks for more. `chunks`: each stays as it is once it is handed over.
 */
export async function writeChunks(file: string, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  const handle = await open(file, 'w');
  let writing: Promise<void> = Promise.resolve();
  let held: Uint8Array[] = [];
  let bytes = 0;
  const write = async (): Promise<void> => {
    const taken = held;
    [held, bytes] = [[], 0];
    await writing;
    writing = handle.writeFile(Buffer.concat(taken));
    // Met where it is waited for.
    writing.catch(() => {});
  };
  try {
    for await (const chunk of chunks) {
      held.push(chunk);
      bytes += chunk.length;
      if (bytes >= WRITTEN_BYTES) await write();
    }
    await write();
    await writing;
  } finally {
    await writing.catch(() => {});
    await handle.close();
  }
}
