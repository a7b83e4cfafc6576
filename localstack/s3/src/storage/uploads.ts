// Multipart uploads in progress: a directory each, with the parts as object files.
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { errnoOf, S3Error } from '../errors.ts';
import type { ChecksumName } from '../payload/checksums.ts';
import { renameDurably, syncDirectory, temporaryPath, writeFileDurably } from './durable.ts';
import { hasFields, readJsonFile } from './json-file.ts';
import { type JoinedParts, JoinsAhead } from './joining.ts';
import { KeyLock } from './key-lock.ts';
import type { Layout } from './layout.ts';
import { type ObjectFileWriter, openObjectFile, type OpenObject, readObjectMeta } from './object-file.ts';
import type { ChecksumType, ObjectMeta, Tag } from './object-meta.ts';

/** What the object will be, besides its bytes. */
export interface Upload {
  readonly uploadId: string;
  readonly bucket: string;
  readonly key: string;
  /** Milliseconds since 1970 */
  readonly initiated: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly userMetadata: Readonly<Record<string, string>>;
  readonly tags?: readonly Tag[];
  readonly checksum?: { readonly name: ChecksumName; readonly type: ChecksumType };
}

export interface UploadedPart {
  readonly number: number;
  readonly meta: ObjectMeta;
}

export class Uploads {
  readonly #layout: Layout;
  readonly #lock = new KeyLock();
  readonly #ahead: JoinsAhead;

  constructor(layout: Layout) {
    this.#layout = layout;
    const { temporary: temporaryDirectory } = layout;
    const open = (uploadId: string, number: number): Promise<OpenObject> =>
      openObjectFile(this.#partPath(uploadId, number));
    this.#ahead = new JoinsAhead({ temporaryDirectory, open });
  }

  async create(upload: Omit<Upload, 'uploadId'>): Promise<string> {
    const uploadId = randomBytes(16).toString('hex');
    const aside = temporaryPath(this.#layout.temporary);
    await mkdir(aside);
    const text = JSON.stringify({ ...upload, uploadId });
    await writeFileDurably(join(aside, 'upload.json'), text, this.#layout.temporary);
    await renameDurably(aside, this.#directory(uploadId));
    return uploadId;
  }

  /** @throws S3Error NoSuchUpload, also where the upload is of another bucket or key. */
  async require(uploadId: string, bucket: string, key: string): Promise<Upload> {
    if (!/^[0-9a-f]{32}$/.test(uploadId)) throw new S3Error('NoSuchUpload');
    const upload = await this.#read(uploadId);
    if (upload.bucket !== bucket || upload.key !== key) throw new S3Error('NoSuchUpload');
    return upload;
  }

  /** One completion, abortion or part at a time. */
  async exclusively<T>(uploadId: string, task: () => Promise<T>): Promise<T> {
    return this.#lock.run(uploadId, task);
  }

  /** Takes a part's finished file over. */
  async addPart(uploadId: string, number: number, writer: ObjectFileWriter): Promise<void> {
    await this.#lock.run(uploadId, async () => {
      const upload = await this.#read(uploadId);
      await renameDurably(writer.path, this.#partPath(uploadId, number));
      this.#ahead.arrived(upload, number);
    });
  }

  /** In the order of their numbers. */
  async parts(uploadId: string): Promise<UploadedPart[]> {
    const parts: UploadedPart[] = [];
    for (const file of (await readdir(this.#directory(uploadId))).sort()) {
      if (!file.startsWith('part-')) continue;
      const meta = await readObjectMeta(join(this.#directory(uploadId), file));
      parts.push({ number: Number(file.slice('part-'.length)), meta });
    }
    return parts;
  }

  /** These parts in one file; `check` throws where a long copy should stop. */
  async join(upload: Upload, parts: readonly UploadedPart[], check: () => void): Promise<JoinedParts> {
    return this.#ahead.join(upload, parts, check);
  }

  /** Forgets an upload with its parts. */
  async remove(uploadId: string): Promise<void> {
    await this.#ahead.forget(uploadId);
    const aside = temporaryPath(this.#layout.temporary);
    await rename(this.#directory(uploadId), aside);
    await syncDirectory(this.#layout.uploads);
    await rm(aside, { recursive: true, force: true });
  }

  /** All uploads; one that ends meanwhile may be missing. */
  async all(): Promise<Upload[]> {
    const uploads: Upload[] = [];
    for (const uploadId of await readdir(this.#layout.uploads)) {
      const upload = await this.#read(uploadId).catch((error: unknown) => {
        if (error instanceof S3Error && error.code === 'NoSuchUpload') return undefined;
        throw error;
      });
      if (upload !== undefined) uploads.push(upload);
    }
    return uploads;
  }

  /** Takes no further change and waits for those under way. */
  async close(): Promise<void> {
    await this.#lock.close();
    await this.#ahead.close();
  }

  async #read(uploadId: string): Promise<Upload> {
    try {
      return await readJsonFile(join(this.#directory(uploadId), 'upload.json'), isUpload);
    } catch (cause) {
      if (errnoOf(cause) === 'ENOENT') throw new S3Error('NoSuchUpload', undefined, { cause });
      throw cause;
    }
  }

  #directory(uploadId: string): string {
    return join(this.#layout.uploads, uploadId);
  }

  #partPath(uploadId: string, number: number): string {
    return join(this.#directory(uploadId), `part-${String(number).padStart(5, '0')}`);
  }
}

function isUpload(value: unknown): value is Upload {
  return (
    hasFields(value, ['uploadId', 'bucket', 'key'], ['initiated']) &&
    'headers' in value &&
    'userMetadata' in value
  );
}
