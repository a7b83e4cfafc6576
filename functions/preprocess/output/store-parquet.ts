import { rm, stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import type { Storage } from '../../shared/storage/storage.ts';
import { createGrowingFile } from './growing-file.ts';
import { writeParquet, type ParquetContent } from './parquet.ts';

/**
 * The thread that hands over the rows, and stores what is written, keeps a processor busy: more of them than there are others would
 * wait for one another, more than four for the rows.
 */
const WRITERS = Math.max(1, Math.min(4, availableParallelism() - 1));
const PARQUET = 'application/vnd.apache.parquet';

export interface ParquetTarget {
  readonly bucket: string;
  readonly key: string;
  /** Local; gone once its bytes are stored, or cannot be. */
  readonly file: string;
  /** For what the database holds no more. */
  readonly folder: string;
}

export interface StoredParquet {
  /** Settles once the file is written, or cannot be; never fails. */
  readonly written: Promise<void>;
  /** Bytes. Fails with the reason of whatever failed, which need not be waited for. */
  readonly stored: Promise<number>;
}

/** Stores a Parquet file while it is written: nobody sees the object before its last byte is there. */
export function storeParquet(
  storage: Storage,
  target: ParquetTarget,
  content: ParquetContent,
): StoredParquet {
  const { file, folder } = target;
  const growing = createGrowingFile(file);
  const onRows = (rows: number): void => {
    content.onRows?.(rows);
    growing.grown();
  };
  const failures: unknown[] = [];
  const written = writeParquet(file, { ...content, onRows }, { folder, threads: WRITERS }).then(
    () => growing.ended(),
    (reason: unknown) => {
      failures.push(reason);
      growing.failed(reason);
    },
  );
  const store = async (): Promise<number> => {
    try {
      await storage.putStream(target.bucket, target.key, growing.bytes, PARQUET);
      return (await stat(file)).size;
    } catch (thrown) {
      failures.push(thrown);
      await written;
      // Why there are no more bytes, where that is why, rather than that S3 got none.
      throw failures.find((failure) => failure !== thrown) ?? thrown;
    } finally {
      await written;
      await rm(file, { force: true });
    }
  };
  const stored = store();
  stored.catch(() => {});
  return { written, stored };
}
