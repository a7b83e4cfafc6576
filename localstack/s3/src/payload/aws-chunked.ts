// Decodes the aws-chunked content encoding: `<hex size>[;chunk-signature=<hex>]\r\n<bytes>\r\n` … `0\r\n`, trailing
// headers, an empty line.
import { createHash } from 'node:crypto';
import { S3Error } from '../errors.ts';
import { ChunkReader } from './chunk-reader.ts';
import type { ChunkSignatures } from './chunk-signatures.ts';

export interface ChunkedOptions {
  /** Present where the chunks are signed. */
  readonly signatures: ChunkSignatures | undefined;
  /** Whether trailing headers follow the last chunk. */
  readonly trailer: boolean;
  /** Receives each trailing header, its name in lower case. */
  readonly onTrailer: (name: string, value: string) => void;
}

const MAX_LINE_BYTES = 16 * 1024;
const TRAILER_SIGNATURE = 'x-amz-trailer-signature';

export async function* decodeAwsChunked(
  source: AsyncIterable<Uint8Array>,
  options: ChunkedOptions,
): AsyncGenerator<Buffer> {
  const reader = new ChunkReader(source);
  for (;;) {
    const { size, signature } = parseChunkHeader(await reader.line(MAX_LINE_BYTES));
    const hash = options.signatures && createHash('sha256');
    for await (const piece of reader.bytes(size)) {
      hash?.update(piece);
      yield piece;
    }
    if (hash) options.signatures?.checkChunk(hash.digest('hex'), signature);
    if (size === 0) break;
    await expectEmptyLine(reader);
  }
  if (options.trailer) await readTrailer(reader, options);
  else await expectEmptyLine(reader);
}

function parseChunkHeader(line: string): { size: number; signature: string | undefined } {
  const match = /^([0-9a-f]{1,12})(?:;chunk-signature=([0-9a-f]{64}))?$/i.exec(line);
  if (match?.[1] === undefined) {
    throw new S3Error(
      'InvalidRequest',
      `expected an aws-chunked size line, got ${JSON.stringify(line.slice(0, 80))}`,
    );
  }
  return { size: Number.parseInt(match[1], 16), signature: match[2] };
}

async function expectEmptyLine(reader: ChunkReader): Promise<void> {
  const line = await reader.line(MAX_LINE_BYTES);
  if (line !== '')
    throw new S3Error('InvalidRequest', 'expected the end of a chunk, got more bytes than announced');
}

async function readTrailer(reader: ChunkReader, { signatures, onTrailer }: ChunkedOptions): Promise<void> {
  const lines: string[] = [];
  let signature: string | undefined;
  for (;;) {
    // Some senders end a trailer line by LF alone, which is what its signature covers.
    const line = (await reader.line(MAX_LINE_BYTES)).trimEnd();
    if (line === '') break;
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).trim().toLowerCase();
    const value = line.slice(colon + 1).trim();
    if (name === TRAILER_SIGNATURE) {
      signature = value;
      continue;
    }
    lines.push(`${name}:${value}`);
    onTrailer(name, value);
  }
  signatures?.checkTrailer(lines, signature);
}
