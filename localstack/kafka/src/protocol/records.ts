// The records within a batch, which the broker reads in compacted topics alone.
// Format: Apache Kafka, "Implementation", section "Record".
import { BATCH_HEADER_BYTES, type BatchHeader } from './record-batch.ts';
import { takeBytes } from './compression/take-bytes.ts';
import { decompress } from './compression/decompress.ts';

export interface LogRecord {
  readonly attributes: number;
  /** ms behind the batch's base timestamp */
  readonly timestampDelta: number;
  readonly offsetDelta: number;
  readonly key: Buffer | undefined;
  /** Undefined: a tombstone, which deletes what the key had. */
  readonly value: Buffer | undefined;
  /** How many, and they, as they lie in the batch. */
  readonly headers: Buffer;
}

/** Bytes that the records of one batch may unpack to. */
export const MAX_UNPACKED_BYTES = 64 * 1024 * 1024;

/** The records of a whole batch; undefined where they cannot be read. */
export function decodeRecords(batch: Buffer, header: BatchHeader): LogRecord[] | undefined {
  try {
    const packed = batch.subarray(BATCH_HEADER_BYTES, header.size);
    return readRecords(decompress(header.codec, packed, MAX_UNPACKED_BYTES), header);
  } catch {
    // Torn, of no known codec, or too large: all that a reader could tell is that it is not to be read.
    return undefined;
  }
}

/**
 * The records of a batch, unpacked.
 * @throws RangeError where they are not whole, or not as many or as far as the header says
 */
export function readRecords(bytes: Buffer, { recordCount, lastOffsetDelta }: BatchHeader): LogRecord[] {
  const cursor = { bytes, at: 0 };
  const records: LogRecord[] = [];
  while (records.length < recordCount) records.push(readRecord(cursor));
  if (cursor.at !== bytes.length)
    throw new RangeError(
      `expected ${recordCount} records in ${bytes.length} bytes, got them in ${cursor.at}`,
    );
  const astray = records.find(({ offsetDelta }) => offsetDelta < 0 || offsetDelta > lastOffsetDelta);
  if (astray !== undefined)
    throw new RangeError(`expected offsets 0 to ${lastOffsetDelta} in a batch, got ${astray.offsetDelta}`);
  return records;
}

interface Cursor {
  readonly bytes: Buffer;
  at: number;
}

function readRecord(cursor: Cursor): LogRecord {
  const length = readVarint(cursor);
  const end = cursor.at + length;
  const attributes = cursor.bytes.readInt8(cursor.at);
  cursor.at += 1;
  const [timestampDelta, offsetDelta] = [readVarint(cursor), readVarint(cursor)];
  const [key, value] = [readField(cursor), readField(cursor)];
  const headers = takeBytes(cursor.bytes, cursor.at, end - cursor.at);
  requireHeaders(headers);
  cursor.at = end;
  return { attributes, timestampDelta, offsetDelta, key, value, headers };
}

function requireHeaders(bytes: Buffer): void {
  // None, as most records have it.
  if (bytes.length === 1 && bytes[0] === 0) return;
  const cursor = { bytes, at: 0 };
  for (let left = readVarint(cursor); left > 0; left -= 1) {
    if (readField(cursor) === undefined) throw new RangeError('expected a name for each header, got none');
    readField(cursor);
  }
  if (cursor.at !== bytes.length)
    throw new RangeError(`expected headers in ${bytes.length} bytes, got them in ${cursor.at}`);
}

function readField(cursor: Cursor): Buffer | undefined {
  const length = readVarint(cursor);
  if (length < 0) return undefined;
  const field = takeBytes(cursor.bytes, cursor.at, length);
  cursor.at += length;
  return field;
}

/** Zigzag, in numbers: more than 2^53 is no offset, length or time. */
function readVarint(cursor: Cursor): number {
  let value = 0;
  for (let shift = 0; shift < 56; shift += 7) {
    const byte = cursor.bytes.readUInt8(cursor.at);
    cursor.at += 1;
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }
  throw new RangeError('expected a varint of at most eight bytes, got a longer one');
}

export function encodeRecords(records: readonly LogRecord[]): Buffer {
  return Buffer.concat(records.flatMap(encodeRecord));
}

function encodeRecord({ key, value, headers, ...record }: LogRecord): Buffer[] {
  const body = [
    Buffer.from([record.attributes & 0xff]),
    varint(record.timestampDelta),
    varint(record.offsetDelta),
    varint(key?.length ?? -1),
    key ?? Buffer.alloc(0),
    varint(value?.length ?? -1),
    value ?? Buffer.alloc(0),
    headers,
  ];
  return [varint(body.reduce((sum, { length }) => sum + length, 0)), ...body];
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let left = value >= 0 ? value * 2 : -value * 2 - 1;
  for (; left > 0x7f; left = Math.floor(left / 128)) bytes.push((left % 128) | 0x80);
  return Buffer.from([...bytes, left]);
}
