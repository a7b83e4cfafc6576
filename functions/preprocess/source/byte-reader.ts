export interface ByteReader {
  /** The next `length` bytes; fewer where the end comes before. */
  take(length: number): Promise<Buffer>;
  /** All that is left, in the chunks it comes in. */
  rest(): AsyncGenerator<Uint8Array>;
}

/** Reads chunks of any size by the number of bytes. */
export function createByteReader(chunks: AsyncIterable<Uint8Array>): ByteReader {
  const iterator = chunks[Symbol.asyncIterator]();
  let rest: Buffer = Buffer.alloc(0);
  return {
    take: async (length) => {
      const pieces = [rest];
      let available = rest.length;
      while (available < length) {
        const next = await iterator.next();
        if (next.done === true) break;
        pieces.push(Buffer.from(next.value.buffer, next.value.byteOffset, next.value.byteLength));
        available += next.value.length;
      }
      const bytes = pieces.length === 1 ? rest : Buffer.concat(pieces);
      rest = bytes.subarray(length);
      return bytes.subarray(0, length);
    },
    rest: async function* () {
      if (rest.length > 0) yield rest;
      rest = Buffer.alloc(0);
      for (let next = await iterator.next(); next.done !== true; next = await iterator.next())
        yield next.value;
    },
  };
}
