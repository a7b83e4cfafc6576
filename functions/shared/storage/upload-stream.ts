import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  UploadPartCommand,
  type CompletedPart,
  type S3Client,
} from '@aws-sdk/client-s3';

/** The least that S3 takes for a part. It takes 10,000 of them: 50 GiB. */
const PART_BYTES = 5 << 20;
/** Parts on their way at once; each has a buffer, which the next ones are filled into. */
const PARTS_AT_ONCE = 3;

export interface StreamTarget {
  readonly Bucket: string;
  readonly Key: string;
  readonly ContentType: string;
}

/**
 * Stores bytes of any number: in parts, three of them at once, or, where one part holds them all, as they are. Every part carries
 * its checksum. What is stored of an upload that fails is taken away. `body`: chunks, each copied before the next is asked for.
 */
export async function uploadStream(
  client: S3Client,
  target: StreamTarget,
  body: AsyncIterable<Uint8Array>,
): Promise<{ readonly etag: string }> {
  const buffers = createBuffers();
  let parts: Parts | undefined;
  let buffer = await buffers.take();
  let filled = 0;
  try {
    for await (const chunk of body) {
      for (let from = 0; from < chunk.length;) {
        if (filled === PART_BYTES) {
          parts ??= await openParts(client, target);
          buffers.giveAfter(parts.send(buffer), buffer);
          buffer = await buffers.take();
          filled = 0;
        }
        const taken = chunk.subarray(from, from + PART_BYTES - filled);
        buffer.set(taken, filled);
        filled += taken.length;
        from += taken.length;
      }
    }
    const last = buffer.subarray(0, filled);
    if (parts === undefined)
      return etagOf(await client.send(new PutObjectCommand({ ...target, Body: last })));
    buffers.giveAfter(parts.send(last), buffer);
    await buffers.allGiven();
    return await parts.complete();
  } catch (thrown) {
    await buffers.allGiven().catch(() => {});
    await parts?.abort();
    throw thrown;
  }
}

interface Parts {
  /** Resolves once the part is stored. */
  send(bytes: Uint8Array): Promise<void>;
  complete(): Promise<{ readonly etag: string }>;
  abort(): Promise<void>;
}

async function openParts(client: S3Client, target: StreamTarget): Promise<Parts> {
  const { Bucket, Key } = target;
  const { UploadId } = await client.send(
    new CreateMultipartUploadCommand({ ...target, ChecksumAlgorithm: 'CRC32' }),
  );
  const place = { Bucket, Key, UploadId };
  const stored: CompletedPart[] = [];
  let sent = 0;
  return {
    send: async (Body) => {
      sent += 1;
      const PartNumber = sent;
      const part = { ...place, PartNumber, Body, ChecksumAlgorithm: 'CRC32' } as const;
      const { ETag, ChecksumCRC32 } = await client.send(new UploadPartCommand(part));
      stored[PartNumber - 1] = { PartNumber, ETag, ChecksumCRC32 };
    },
    complete: async () => {
      const command = new CompleteMultipartUploadCommand({ ...place, MultipartUpload: { Parts: stored } });
      return etagOf(await client.send(command));
    },
    // What is left where this fails as well goes by the bucket's own rules.
    abort: async () => {
      await client.send(new AbortMultipartUploadCommand(place)).catch(() => {});
    },
  };
}

function etagOf({ ETag }: { readonly ETag?: string | undefined }): { readonly etag: string } {
  return { etag: ETag ?? '' };
}

/** As many buffers as there are parts at once, each taken again and again. */
function createBuffers() {
  const free: Buffer[] = [];
  const busy = new Set<Promise<void>>();
  let made = 0;
  return {
    /** Rejects where sending another has failed. */
    take: async (): Promise<Buffer> => {
      if (free.length === 0 && made < PARTS_AT_ONCE) {
        made += 1;
        free.push(Buffer.allocUnsafeSlow(PART_BYTES));
      }
      while (free.length === 0) await Promise.race(busy);
      return free.pop() ?? Buffer.allocUnsafeSlow(PART_BYTES);
    },
    giveAfter: (sent: Promise<void>, buffer: Buffer): void => {
      const given = sent.then(() => {
        free.push(buffer);
        busy.delete(given);
      });
      // Whoever waits for a buffer, or for all of them, meets what it fails with.
      given.catch(() => {});
      busy.add(given);
    },
    /** Waits for all to settle. */
    allGiven: async (): Promise<void> => {
      const settled = await Promise.allSettled(busy);
      for (const outcome of settled) if (outcome.status === 'rejected') throw outcome.reason;
    },
  };
}
