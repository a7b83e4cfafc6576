/** A block that repeats one byte `times`: four bytes for up to 128 KiB. */
export interface Repeated {
  readonly byte: string;
  readonly times: number;
}

/** log2 of the window's bytes, from 10. */
const DEFAULT_WINDOW = 17;

/** A zstd frame (RFC 8878) of blocks that are stored as they are, or repeat one byte. */
export function zstdFrame(blocks: readonly (string | Repeated)[], windowLog = DEFAULT_WINDOW): Buffer {
  const header = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, (windowLog - 10) << 3]);
  const parts = blocks.map((block, index) => {
    const last = index === blocks.length - 1 ? 1 : 0;
    const [type, size, content] =
      typeof block === 'string' ? [0, Buffer.byteLength(block), block] : [1, block.times, block.byte];
    const bits = last | (type << 1) | (size << 3);
    return Buffer.concat([Buffer.from([bits & 255, (bits >> 8) & 255, bits >> 16]), Buffer.from(content)]);
  });
  return Buffer.concat([header, ...parts]);
}
