// The server's directory:
//   lock                                  who uses it
//   buckets/<name>/bucket.json            creation time, notification configuration
//   buckets/<name>/objects/<sha256 of the key>   one file an object
//   uploads/<id>/upload.json, part-00001  multipart uploads in progress
//   spool/<sequencer>-<n>.json            notifications that no target has taken yet
//   tmp/                                  files being written
import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

export interface Layout {
  readonly root: string;
  readonly buckets: string;
  readonly uploads: string;
  readonly spool: string;
  readonly temporary: string;
}

export async function createLayout(root: string): Promise<Layout> {
  const layout: Layout = {
    root,
    buckets: join(root, 'buckets'),
    uploads: join(root, 'uploads'),
    spool: join(root, 'spool'),
    temporary: join(root, 'tmp'),
  };
  for (const directory of Object.values(layout)) await mkdir(directory, { recursive: true });
  return layout;
}

/** A name of fixed length, whatever the key holds: slashes, dots, 1,024 bytes. */
export function objectFileName(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}
