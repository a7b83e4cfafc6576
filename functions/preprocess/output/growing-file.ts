import { open, type FileHandle } from 'node:fs/promises';

const PIECE_BYTES = 1 << 20;

export interface GrowingFile {
  /**
   * Its bytes from first to last, as they come, to be read once; each piece takes the place of the one before. Fails with the
   * reason that `failed` was told.
   */
  readonly bytes: AsyncIterable<Uint8Array>;
  /** Says that there may be more of it. */
  grown(): void;
  /** Says that all of it is there. */
  ended(): void;
  failed(reason: unknown): void;
}

type State = { readonly is: 'growing' | 'whole' } | { readonly is: 'failed'; readonly reason: unknown };

/** Reads a file while it is written: at its end alone, and from when on is left open. */
export function createGrowingFile(file: string): GrowingFile {
  let state: State = { is: 'growing' };
  let wake = (): void => {};
  let change = new Promise<void>((resolve) => (wake = resolve));
  const tell = (next: State): void => {
    state = next;
    const before = wake;
    change = new Promise((resolve) => (wake = resolve));
    before();
  };
  const now = (): { readonly state: State; readonly change: Promise<void> } => ({ state, change });
  return {
    bytes: readGrowing(file, now),
    grown: () => tell({ is: 'growing' }),
    ended: () => tell({ is: 'whole' }),
    failed: (reason) => tell({ is: 'failed', reason }),
  };
}

async function* readGrowing(
  file: string,
  now: () => { readonly state: State; readonly change: Promise<void> },
): AsyncGenerator<Uint8Array> {
  const piece = Buffer.allocUnsafe(PIECE_BYTES);
  let handle: FileHandle | undefined;
  try {
    for (let position = 0; ;) {
      // Looked at before reading: what is written between the two is read the next time.
      const { state, change } = now();
      if (state.is === 'failed') throw state.reason;
      handle ??= state.is === 'whole' ? await open(file) : await openIfThere(file);
      const { bytesRead } = (await handle?.read(piece, 0, PIECE_BYTES, position)) ?? { bytesRead: 0 };
      position += bytesRead;
      if (bytesRead > 0) yield piece.subarray(0, bytesRead);
      else if (state.is === 'whole') return;
      else await change;
    }
  } finally {
    await handle?.close();
  }
}

async function openIfThere(file: string): Promise<FileHandle | undefined> {
  try {
    return await open(file);
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return undefined;
    throw thrown;
  }
}
