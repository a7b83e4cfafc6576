// The parts of an upload in one file. They are joined while more of them come, in the order of their numbers, so that the
// completion need not wait for all of them to be read and written once more.
import { type Checksums, createDigest, type RunningDigest } from '../payload/checksums.ts';
import { objectBytes, ObjectFileWriter, type OpenObject } from './object-file.ts';
import type { BytesDigests, ObjectMeta } from './object-meta.ts';
import type { Upload, UploadedPart } from './uploads.ts';

/** Uploads that are joined ahead: each holds a file open, and the disk, until it is completed or aborted. */
const MOST_AHEAD = 16;

export interface JoinedParts {
  /** The caller discards it, unless it was renamed. */
  readonly writer: ObjectFileWriter;
  readonly digests: BytesDigests;
}

export interface PartFiles {
  readonly temporaryDirectory: string;
  /** The caller closes the handle. */
  open(uploadId: string, number: number): Promise<OpenObject>;
}

/** The first parts of an upload, in one file that is written aside. */
class Joining {
  readonly #files: PartFiles;
  readonly #upload: Upload;
  readonly #md5 = createDigest('md5');
  readonly #checksum: RunningDigest | undefined;
  readonly #joined: UploadedPart[] = [];
  #writer: ObjectFileWriter | undefined;

  constructor(files: PartFiles, upload: Upload) {
    this.#files = files;
    this.#upload = upload;
    this.#checksum = upload.checksum && createDigest(upload.checksum.name);
  }

  get parts(): number {
    return this.#joined.length;
  }

  /** Whether these parts begin with those that were joined: a part may have been uploaded anew since. */
  begins(parts: readonly UploadedPart[]): boolean {
    return this.#joined.every(({ number, meta }, index) => {
      const part = parts[index];
      return part !== undefined && part.number === number && isSame(part.meta, meta);
    });
  }

  /** `check` throws where the joining should stop. */
  async append(number: number, check: () => void): Promise<void> {
    const part = await this.#files.open(this.#upload.uploadId, number);
    try {
      this.#writer ??= await ObjectFileWriter.create(this.#files.temporaryDirectory);
      for await (const bytes of objectBytes(part)) {
        check();
        this.#md5.update(bytes);
        this.#checksum?.update(bytes);
        await this.#writer.write(bytes);
      }
      this.#joined.push({ number, meta: part.meta });
    } finally {
      await part.handle.close();
    }
  }

  /** Once. */
  async end(): Promise<JoinedParts> {
    const writer = this.#writer ?? (await ObjectFileWriter.create(this.#files.temporaryDirectory));
    const name = this.#upload.checksum?.name;
    const checksums: Checksums =
      name === undefined ? {} : { [name]: this.#checksum?.digest().toString('base64') ?? '' };
    return { writer, digests: { md5: this.#md5.digest().toString('hex'), checksums } };
  }

  async discard(): Promise<void> {
    await this.#writer?.discard();
  }
}

function isSame(part: ObjectMeta, joined: ObjectMeta): boolean {
  return part.etag === joined.etag && part.size === joined.size && part.lastModified === joined.lastModified;
}

interface Ahead {
  readonly joining: Joining;
  readonly arrived: Set<number>;
  isStopped: boolean;
  hasFailed: boolean;
  running: Promise<void> | undefined;
}

function hasNext({ joining, arrived, isStopped, hasFailed }: Ahead): boolean {
  return !isStopped && !hasFailed && arrived.has(joining.parts + 1);
}

/** Uploads whose parts are joined while they come; nothing of it outlives the process. */
export class JoinsAhead {
  readonly #files: PartFiles;
  readonly #uploads = new Map<string, Ahead>();

  constructor(files: PartFiles) {
    this.#files = files;
  }

  /** Takes note of a part that lies in its place. */
  arrived(upload: Upload, number: number): void {
    const ahead = this.#uploads.get(upload.uploadId) ?? this.#begin(upload);
    if (ahead === undefined) return;
    ahead.arrived.add(number);
    this.#start(ahead);
  }

  /** These parts in one file; what was joined ahead is gone, whether it was of use or not. */
  async join(upload: Upload, parts: readonly UploadedPart[], check: () => void): Promise<JoinedParts> {
    const ahead = await this.#take(upload.uploadId);
    const isOfUse = ahead !== undefined && !ahead.hasFailed && ahead.joining.begins(parts);
    const joining = isOfUse ? ahead.joining : new Joining(this.#files, upload);
    if (!isOfUse) await ahead?.joining.discard();
    try {
      for (const { number } of parts.slice(joining.parts)) await joining.append(number, check);
      return await joining.end();
    } catch (error) {
      await joining.discard();
      throw error;
    }
  }

  /** Throws away what was joined of an upload that ends. */
  async forget(uploadId: string): Promise<void> {
    const ahead = await this.#take(uploadId);
    await ahead?.joining.discard();
  }

  async close(): Promise<void> {
    for (const uploadId of this.#uploads.keys()) await this.forget(uploadId);
  }

  #begin(upload: Upload): Ahead | undefined {
    if (this.#uploads.size >= MOST_AHEAD) return undefined;
    const joining = new Joining(this.#files, upload);
    const ahead: Ahead = {
      joining,
      arrived: new Set(),
      isStopped: false,
      hasFailed: false,
      running: undefined,
    };
    this.#uploads.set(upload.uploadId, ahead);
    return ahead;
  }

  #start(ahead: Ahead): void {
    if (ahead.running !== undefined || !hasNext(ahead)) return;
    ahead.running = this.#run(ahead).finally(() => {
      ahead.running = undefined;
      // One may have come since the last look.
      this.#start(ahead);
    });
  }

  /** Joins until a part is missing. What fails here is met at the completion, which then joins all parts anew. */
  async #run(ahead: Ahead): Promise<void> {
    try {
      while (hasNext(ahead)) await ahead.joining.append(ahead.joining.parts + 1, () => {});
    } catch {
      ahead.hasFailed = true;
    }
  }

  /** Waits for the part that it is at. */
  async #take(uploadId: string): Promise<Ahead | undefined> {
    const ahead = this.#uploads.get(uploadId);
    this.#uploads.delete(uploadId);
    if (ahead === undefined) return undefined;
    ahead.isStopped = true;
    await ahead.running;
    return ahead;
  }
}
