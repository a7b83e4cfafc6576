import { Crc32c } from '@aws-crypto/crc32c';

/** Without a key, or with one; null is a tombstone's value. */
export type TestRecord = string | readonly [key: string, value: string | null];

export interface BatchFields {
  readonly values: readonly TestRecord[];
  /** Epoch ms of the first record; the others follow by one. */
  readonly timestamp?: bigint;
  readonly producerId?: bigint;
  readonly producerEpoch?: number;
  readonly baseSequence?: number;
}

/** A record batch v2, uncompressed, as a producer sends it. */
export function encodeBatch({
  values,
  timestamp = 1000n,
  producerId = -1n,
  producerEpoch = -1,
  baseSequence = -1,
}: BatchFields): Buffer {
  const batch = Buffer.concat([Buffer.alloc(61), ...values.map(encodeRecord)]);
  batch.writeInt32BE(batch.length - 12, 8);
  batch.writeInt32BE(-1, 12);
  batch.writeInt8(2, 16);
  batch.writeInt32BE(values.length - 1, 23);
  batch.writeBigInt64BE(timestamp, 27);
  batch.writeBigInt64BE(timestamp + BigInt(values.length - 1), 35);
  batch.writeBigInt64BE(producerId, 43);
  batch.writeInt16BE(producerEpoch, 51);
  batch.writeInt32BE(baseSequence, 53);
  batch.writeInt32BE(values.length, 57);
  return sealed(batch);
}

/** A batch that says of these bytes that they are so many records, packed by a codec from 0 to 7. */
export function packedBatch(codec: number, packed: Buffer, recordCount = 1): Buffer {
  const header = encodeBatch({ values: Array<string>(recordCount).fill('') }).subarray(0, 61);
  const batch = Buffer.concat([header, packed]);
  batch.writeInt32BE(batch.length - 12, 8);
  batch.writeInt16BE(codec, 21);
  return sealed(batch);
}

/** With the checksum that its bytes have. */
function sealed(batch: Buffer): Buffer {
  batch.writeUInt32BE(new Crc32c().update(batch.subarray(21)).digest(), 17);
  return batch;
}

function encodeRecord(record: TestRecord, index: number): Buffer {
  const [key, value] = typeof record === 'string' ? [null, record] : record;
  const body = Buffer.concat([
    Buffer.from([0]),
    zigzag(index),
    zigzag(index),
    ...field(key),
    ...field(value),
    zigzag(0),
  ]);
  return Buffer.concat([zigzag(body.length), body]);
}

function field(text: string | null): Buffer[] {
  if (text === null) return [zigzag(-1)];
  const bytes = Buffer.from(text);
  return [zigzag(bytes.length), bytes];
}

function zigzag(value: number): Buffer {
  const bytes: number[] = [];
  let left = ((value << 1) ^ (value >> 31)) >>> 0;
  for (; left > 0x7f; left >>>= 7) bytes.push((left & 0x7f) | 0x80);
  return Buffer.from([...bytes, left]);
}
