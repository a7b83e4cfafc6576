// kafkajs reads gzip alone. What other clients send is unpacked here, by the same code as in our broker, which is bundled
// in. A batch that nobody can read would stop its partition: kafkajs gives up the fetch, and asks for the same again.
import { AsyncLocalStorage } from 'node:async_hooks';
import kafkajs from 'kafkajs';
import { CODECS, decompress } from '../../../kafka/src/protocol/compression/decompress.ts';
import { readRecords } from '../../../kafka/src/protocol/records.ts';
import { enclosingBatch, standInFor } from './unreadable-batch.ts';

/** Bytes that one batch may unpack to. */
const MAX_UNPACKED_BYTES = 128 * 1024 * 1024;
/** The attributes have three bits for the codec; 5 to 7 are nobody's yet. */
const UNKNOWN_CODECS = [5, 6, 7];

/** As kafkajs wants it; `compress` is its own, or what the process has registered. */
interface Codec {
  readonly compress: (encoder: { readonly buffer: Buffer }) => Promise<Buffer>;
  readonly decompress: (packed: Buffer) => Promise<Buffer>;
}

const passingOver = new AsyncLocalStorage<boolean>();
let areRegistered = false;

/** Has all consumers of this process read every codec. Writing is left as it is: gzip, or what was registered before. */
export function registerCodecs(): void {
  if (areRegistered) return;
  areRegistered = true;
  // By the default export: Node does not see this one by its name.
  const codecs: Record<number, () => Codec> = kafkajs.CompressionCodecs;
  for (const codec of [CODECS.gzip, CODECS.snappy, CODECS.lz4, CODECS.zstd, ...UNKNOWN_CODECS]) {
    const before = codecs[codec];
    codecs[codec] = () => ({
      compress: async (encoder) => requireCodec(codec, before).compress(encoder),
      decompress: async (packed) => unpack(codec, packed),
    });
  }
}

function requireCodec(codec: number, registered: (() => Codec) | undefined): Codec {
  if (registered === undefined) throw new RangeError(`expected a codec from 0 to 4, got ${codec}`);
  return registered();
}

/** Within `read`, and all that it begins, a batch that cannot be read comes as a message that stands for it. */
export function passOverUnreadable<T>(read: () => T): T {
  return passingOver.run(true, read);
}

/** For what is begun within and reads on its own account. */
export function asOtherConsumers<T>(run: () => T): T {
  return passingOver.run(false, run);
}

function unpack(codec: number, packed: Buffer): Buffer {
  const batch = enclosingBatch(packed, codec);
  try {
    const bytes = decompress(codec, packed, MAX_UNPACKED_BYTES);
    if (batch !== undefined) readRecords(bytes, batch.header);
    return bytes;
  } catch (cause) {
    if (batch === undefined || passingOver.getStore() !== true) throw cause;
    return standInFor(batch, cause instanceof Error ? cause.message : String(cause));
  }
}
