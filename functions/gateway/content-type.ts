import { extname } from 'node:path';

const TYPES: Readonly<Record<string, string>> = {
  '.csv': 'text/csv',
  '.json': 'application/json',
  '.jsonl': 'application/x-ndjson',
  '.parquet': 'application/vnd.apache.parquet',
};

/** What an object is where nobody said. */
export function typeOfKey(key: string): string {
  return TYPES[extname(key).toLowerCase()] ?? 'application/octet-stream';
}
