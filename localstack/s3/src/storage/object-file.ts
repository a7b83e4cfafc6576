// One file an object: its bytes, then its metadata as JSON, the JSON's length (4 bytes, big-endian) and a magic word.
// Bytes and metadata become visible, and vanish, by one rename. The metadata comes last because the ETag is known last.
import { type FileHandle, open } from 'node:fs/promises';
import { S3Error, S3ServerError } from '../errors.ts';
import { temporaryPath, unlinkIfPresent } from './durable.ts';
import { hasFields } from './json-file.ts';
import type { ObjectMeta } from './object-meta.ts';

const MAGIC = Buffer.from('FLTSS3O1');
const TAIL_BYTES = 4 + MAGIC.length;
const TAIL_READ_BYTES = 8 * 1024;
const FLUSH_BYTES = 256 * 1024;
/** Bytes after which the disk is told to begin, so that the last sync of a large file has few to wait for. */
const SYNC_BYTES = 16 * 1024 * 1024;

/** Writes an object aside. Nothing is visible until the finished file is renamed by its owner. */
export class ObjectFileWriter {
  readonly path: string;
  readonly #handle: FileHandle;
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;
  #unsyncedBytes = 0;
  #syncing: Promise<unknown> | undefined;
  #syncError: unknown;
  #closed = false;

  private constructor(path: string, handle: FileHandle) {
    this.path = path;
    this.#handle = handle;
  }

  static async create(temporaryDirectory: string): Promise<ObjectFileWriter> {
    const path = temporaryPath(temporaryDirectory);
    return new ObjectFileWriter(path, await open(path, 'wx'));
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.#pending.push(bytes);
    this.#pendingBytes += bytes.length;
    if (this.#pendingBytes >= FLUSH_BYTES) await this.#flush();
  }

  /** Appends the metadata, syncs and closes. */
  async finish(meta: ObjectMeta): Promise<void> {
    const json = Buffer.from(JSON.stringify(meta));
    const length = Buffer.alloc(4);
    length.writeUInt32BE(json.length);
    this.#pending.push(json, length, MAGIC);
    await this.#flush();
    await this.#syncing;
    // The disk tells of a failure once alone.
    if (this.#syncError !== undefined) throw this.#syncError;
    await this.#handle.sync();
    await this.#close();
  }

  /** Throws the file away; harmless once it was renamed. */
  async discard(): Promise<void> {
    await this.#close();
    await unlinkIfPresent(this.path);
  }

  async #flush(): Promise<void> {
    const buffers = this.#pending;
    this.#pending = [];
    this.#pendingBytes = 0;
    if (buffers.length === 0) return;
    const total = buffers.reduce((sum, buffer) => sum + buffer.length, 0);
    const { bytesWritten } = await this.#handle.writev(buffers);
    // A full disk can cut a gathered write short without an error; the rest then fails by itself.
    if (bytesWritten < total) await this.#handle.writeFile(Buffer.concat(buffers).subarray(bytesWritten));
    this.#unsyncedBytes += total;
    if (this.#unsyncedBytes >= SYNC_BYTES) this.#beginSync();
  }

  /** One at a time; what it fails with is met when the file is finished. */
  #beginSync(): void {
    if (this.#syncing !== undefined) return;
    this.#unsyncedBytes = 0;
    const sync = async (): Promise<void> => {
      try {
        await this.#handle.datasync();
      } catch (error) {
        this.#syncError ??= error;
      } finally {
        this.#syncing = undefined;
      }
    };
    this.#syncing = sync();
  }

  async #close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#syncing;
    await this.#handle.close();
  }
}

/** An open object: bytes and metadata of one version, whatever is written under its key meanwhile. */
export interface OpenObject {
  readonly meta: ObjectMeta;
  readonly handle: FileHandle;
}

/** The caller closes `handle`. @throws S3ServerError OBJECT_UNREADABLE; ENOENT where there is no such file. */
export async function openObjectFile(path: string): Promise<OpenObject> {
  const handle = await open(path, 'r');
  try {
    return { handle, meta: await readMeta(handle, path) };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

export async function readObjectMeta(path: string): Promise<ObjectMeta> {
  const { handle, meta } = await openObjectFile(path);
  await handle.close();
  return meta;
}

async function readMeta(handle: FileHandle, path: string): Promise<ObjectMeta> {
  const { size } = await handle.stat();
  const tail = await readAt(handle, Math.max(0, size - TAIL_READ_BYTES), Math.min(size, TAIL_READ_BYTES));
  const jsonLength = tail.length < TAIL_BYTES ? -1 : tail.readUInt32BE(tail.length - TAIL_BYTES);
  const fits = jsonLength >= 2 && jsonLength + TAIL_BYTES <= size;
  if (!fits || !tail.subarray(-MAGIC.length).equals(MAGIC)) unreadable(path, 'no metadata at its end');
  const start = size - TAIL_BYTES - jsonLength;
  const json = await readAt(handle, start, jsonLength);
  const meta: unknown = parseJson(json, path);
  if (!isObjectMeta(meta) || meta.size !== start) unreadable(path, 'metadata of another shape');
  return meta;
}

/** Fewer bytes than asked for only at the end of the file. */
export async function readAt(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length);
  const { bytesRead } = await handle.read(buffer, 0, length, position);
  return buffer.subarray(0, bytesRead);
}

function parseJson(json: Buffer, path: string): unknown {
  try {
    return JSON.parse(json.toString('utf8'));
  } catch (cause) {
    return unreadable(path, 'metadata that is not JSON', cause);
  }
}

function isObjectMeta(value: unknown): value is ObjectMeta {
  if (!hasFields(value, ['key', 'etag', 'sequencer', 'checksumType'], ['size', 'lastModified'])) return false;
  return 'headers' in value && 'userMetadata' in value && 'checksums' in value;
}

function unreadable(path: string, what: string, cause?: unknown): never {
  throw new S3ServerError('OBJECT_UNREADABLE', `expected an object file at ${path}, got ${what}`, cause);
}

/**
 * An open object's bytes, or those from `first` to `last`, both included; the next ones are read while some are dealt with.
 * @throws S3Error InternalError where the file is shorter than its metadata says.
 */
export async function* objectBytes(
  object: OpenObject,
  { first, last }: { readonly first: number; readonly last: number } = {
    first: 0,
    last: object.meta.size - 1,
  },
): AsyncGenerator<Uint8Array> {
  const step = 1024 * 1024;
  const readFrom = (position: number): Promise<Buffer> => {
    const reading = readAt(object.handle, position, Math.min(step, last + 1 - position));
    // Met where it is waited for.
    reading.catch(() => {});
    return reading;
  };
  let next = readFrom(first);
  try {
    for (let position = first; position <= last;) {
      const piece = await next;
      if (piece.length === 0)
        throw new S3Error('InternalError', `expected ${object.meta.size} bytes, got ${position}`);
      position += piece.length;
      next = readFrom(position);
      yield piece;
    }
  } finally {
    // The caller closes the handle, from which nothing may be read any more.
    await next.catch(() => {});
  }
}
