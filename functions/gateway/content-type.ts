import { extname } from 'node:path';

const TYPES: Readonly<Record<string, string>> = {
  '.csv': 'text/csv',
  '.json': 'application/json',
  '.gz': 'application/gzip',
  '.jsonl': 'application/x-ndjson',
  '.ndjson': 'application/x-ndjson',
  '.parquet': 'application/vnd.apache.parquet',
  '.zst': 'application/zstd',
};

/** What an object is where nobody said. */
export function typeOfKey(key: string): string {
  return TYPES[extname(key).toLowerCase()] ?? 'application/octet-stream';
}
