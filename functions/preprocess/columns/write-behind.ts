import { close, write } from 'node:fs';

/** Writes one array at a time while this thread goes on with others. */
export interface WriteBehind {
  /**
   * Begins to write `values`, which have to stay as they are until it is no longer busy; false, and nothing begun, where it is busy.
   * @throws what writing failed with before
   */
  begin(values: Float64Array, position: number): boolean;
  isBusy(): boolean;
  /** @throws what writing failed with */
  check(): void;
  /** Once what it has begun is written. */
  close(): void;
}

/** `descriptor`: of a file, and closed with this: nobody else's is written to once its number is another file's. */
export function createWriteBehind(descriptor: number): WriteBehind {
  let [busy, closing] = [false, false];
  let failure: Error | undefined;
  const check = (): void => {
    if (failure !== undefined) throw failure;
  };
  const closeDescriptor = (): void => close(descriptor, () => {});
  const writeFrom = (bytes: Uint8Array, position: number): void =>
    write(descriptor, bytes, 0, bytes.length, position, (error, written) => {
      if (error === null && written < bytes.length)
        return writeFrom(bytes.subarray(written), position + written);
      failure ??= error ?? undefined;
      busy = false;
      if (closing) closeDescriptor();
    });
  return {
    begin: (values, position) => {
      check();
      if (busy) return false;
      busy = true;
      writeFrom(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), position);
      return true;
    },
    isBusy: () => busy,
    check,
    close: () => {
      closing = true;
      if (!busy) closeDescriptor();
    },
  };
}
