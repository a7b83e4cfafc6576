import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { signingKey } from '../auth/canonical.ts';
import type { Authorization } from '../auth/authorize.ts';
import { S3Error } from '../errors.ts';
import { decodeAwsChunked } from './aws-chunked.ts';
import { ChunkSignatures } from './chunk-signatures.ts';

async function* pieces(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text, 'latin1');
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

interface Decoded {
  readonly text: string;
  readonly trailers: Record<string, string>;
}

async function decode(
  text: string,
  size: number,
  signatures?: ChunkSignatures,
  trailer = true,
): Promise<Decoded> {
  const trailers: Record<string, string> = {};
  const onTrailer = (name: string, value: string): void => void (trailers[name] = value);
  const parts: Buffer[] = [];
  for await (const part of decodeAwsChunked(pieces(text, size), { signatures, trailer, onTrailer }))
    parts.push(part);
  return { text: Buffer.concat(parts).toString('latin1'), trailers };
}

/** The example that the S3 documentation works through: 64 KiB + 1 KiB of the letter a. */
const DOCUMENTED = {
  credentials: {
    accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
    secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  },
  scope: { day: '20130524', region: 'us-east-1' },
  longDate: '20130524T000000Z',
  seed: '4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9',
  chunks: [
    'ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648',
    '0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497',
    'b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9',
  ],
};

async function documentedSignatures(seed = DOCUMENTED.seed): Promise<ChunkSignatures> {
  const { credentials, scope, longDate } = DOCUMENTED;
  const key = await signingKey(credentials, scope);
  const authorization: Authorization = { scope, longDate, signature: seed, payloadHash: '', key };
  return new ChunkSignatures(authorization);
}

function documentedBody(chunks = DOCUMENTED.chunks, end = '\r\n'): string {
  const [first, second, last] = chunks;
  const long = `10000;chunk-signature=${first}\r\n${'a'.repeat(65_536)}\r\n`;
  return `${long}400;chunk-signature=${second}\r\n${'a'.repeat(1024)}\r\n0;chunk-signature=${last}\r\n${end}`;
}

describe('aws-chunked bodies', () => {
  const body = '5\r\nhello\r\n7\r\n\r\nworld\r\n0\r\nx-amz-checksum-crc32:AAAA\r\n\r\n';

  it.each([1, 2, 3, 1000])('are decoded from pieces of %i bytes', async (size) => {
    expect(await decode(body, size)).toEqual({
      text: 'hello\r\nworld',
      trailers: { 'x-amz-checksum-crc32': 'AAAA' },
    });
  });

  it('are accepted with the signatures of the documented example', async () => {
    const { text } = await decode(documentedBody(), 4096, await documentedSignatures(), false);
    expect(createHash('md5').update(text).digest('hex')).toBe(
      createHash('md5').update('a'.repeat(66_560)).digest('hex'),
    );
  });

  it('are accepted with the signed trailer of the documented example', async () => {
    const seed = '106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e';
    const chunks = [
      'b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2',
      '1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7',
      '2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992',
    ];
    const trailer = 'd81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435';
    const bodyWith = (checksum: string): string =>
      documentedBody(
        chunks,
        `x-amz-checksum-crc32c:${checksum}\r\nx-amz-trailer-signature:${trailer}\r\n\r\n`,
      );
    const { trailers } = await decode(bodyWith('sOO8/Q=='), 4096, await documentedSignatures(seed));
    expect(trailers).toEqual({ 'x-amz-checksum-crc32c': 'sOO8/Q==' });
    const forged = decode(bodyWith('AAAAAA=='), 4096, await documentedSignatures(seed));
    await expect(forged).rejects.toMatchObject({ code: 'SignatureDoesNotMatch' });
  });

  it('are refused with another byte, another order or without a signature', async () => {
    const changed = documentedBody().replace('aaaa', 'aaba');
    const unsigned = documentedBody().replace(/;chunk-signature=b6\w+/, '');
    for (const forged of [changed, unsigned]) {
      const call = decode(forged, 4096, await documentedSignatures(), false);
      await expect(call).rejects.toMatchObject({ code: 'SignatureDoesNotMatch' });
    }
  });

  it.each([
    ['ends inside a chunk', '5\r\nhel', 'IncompleteBody'],
    ['ends before the last chunk', '5\r\nhello\r\n', 'IncompleteBody'],
    ['ends inside the trailer', '0\r\nx-amz-checksum-crc32:AAAA\r\n', 'IncompleteBody'],
    ['has a longer chunk than it says', '4\r\nhello\r\n0\r\n\r\n', 'InvalidRequest'],
    ['has a size that is no number', 'zz\r\nhello\r\n', 'InvalidRequest'],
    ['has a line without end', 'a'.repeat(20_000), 'InvalidRequest'],
  ])('are refused where the body %s', async (_name, text, code) => {
    const error = await decode(text, 7).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(S3Error);
    expect(error).toMatchObject({ code });
  });
});
