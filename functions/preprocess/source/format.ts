export type Format = 'csv' | 'json lines' | 'parquet';

/** How an upload of this name is read; whether its text is packed is told by its bytes. */
export function formatOfKey(key: string): Format {
  if (key.endsWith('.parquet')) return 'parquet';
  return /\.(?:jsonl|ndjson)(?:\.(?:gz|zst))?$/u.test(key) ? 'json lines' : 'csv';
}
