import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { ApiError } from '../errors.ts';

export interface ArtifactEntry {
  /** Relative to the listed root. */
  readonly path: string;
  readonly is_dir: boolean;
  /** Bytes; absent for folders and for empty files, as MLflow leaves it out. */
  readonly file_size?: number;
}

export interface S3Options {
  readonly endpoint: string;
  /** Default us-east-1. */
  readonly region?: string;
  /** Default: the SDK's own chain. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** Default mlflow. */
  readonly bucket?: string;
}

/** Artifact bytes in an object store; keys are `<experiment>/<run>/artifacts/<path>`. */
export interface ArtifactStore {
  /** @throws ApiError INTERNAL_ERROR where there is none, as MLflow over an object store answers */
  get(key: string): Promise<{ bytes: Uint8Array; contentType: string }>;
  put(key: string, bytes: Uint8Array, contentType: string | undefined): Promise<void>;
  /** A file, or everything below a folder; nothing where there is neither. */
  delete(key: string): Promise<void>;
  /** What lies directly below `key`, paths relative to `root`; empty for a file or a missing folder. */
  list(root: string, path: string): Promise<ArtifactEntry[]>;
  close(): void;
}

export function createArtifactStore({
  endpoint,
  region = 'us-east-1',
  credentials,
  bucket = 'mlflow',
}: S3Options): ArtifactStore {
  const client = new S3Client({
    endpoint,
    region,
    forcePathStyle: true,
    ...(credentials === undefined ? {} : { credentials }),
  });
  const place = { client, bucket };
  return {
    get: (key) => getObject(place, key),
    put: async (key, bytes, contentType = 'application/octet-stream') => {
      const object = { Bucket: bucket, Key: key, Body: bytes, ContentType: contentType };
      await client.send(new PutObjectCommand(object));
    },
    delete: async (key) => {
      const below = await listAll(place, `${key}/`);
      for (const path of [key, ...below.map((entry) => entry.path)])
        await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: path }));
    },
    list: async (root, path) => {
      const folder = [root, path].filter((part) => part !== '').join('/');
      const entries = await listAll(place, folder === '' ? '' : `${folder}/`, '/');
      return entries
        .map((entry) => ({ ...entry, path: root === '' ? entry.path : entry.path.slice(root.length + 1) }))
        .toSorted((a, b) => (a.path < b.path ? -1 : 1));
    },
    close: () => client.destroy(),
  };
}

interface Place {
  readonly client: S3Client;
  readonly bucket: string;
}

async function getObject(
  { client, bucket }: Place,
  key: string,
): Promise<{ bytes: Uint8Array; contentType: string }> {
  try {
    const { Body, ContentType } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    return {
      bytes: (await Body?.transformToByteArray()) ?? new Uint8Array(),
      contentType: ContentType ?? 'application/octet-stream',
    };
  } catch (cause) {
    if (!(cause instanceof Error) || cause.name !== 'NoSuchKey') throw cause;
    // A folder is read as an empty file.
    const below = await listAll({ client, bucket }, `${key}/`, '/');
    if (below.length > 0) return { bytes: new Uint8Array(), contentType: 'application/octet-stream' };
    throw new ApiError('INTERNAL_ERROR', `expected an artifact at s3://${bucket}/${key}, got none`, {
      cause,
    });
  }
}

async function listAll(
  { client, bucket }: Place,
  prefix: string,
  delimiter?: string,
): Promise<ArtifactEntry[]> {
  const entries: ArtifactEntry[] = [];
  let token: string | undefined;
  do {
    const page = await client.send(
      new ListObjectsV2Command({
        Bucket: bucket,
        Prefix: prefix,
        Delimiter: delimiter,
        ContinuationToken: token,
      }),
    );
    for (const { Prefix = '' } of page.CommonPrefixes ?? [])
      entries.push({ path: Prefix.slice(0, -1), is_dir: true });
    for (const { Key = '', Size = 0 } of page.Contents ?? [])
      entries.push({ path: Key, is_dir: false, ...(Size > 0 ? { file_size: Size } : {}) });
    token = page.NextContinuationToken;
  } while (token !== undefined);
  return entries;
}
