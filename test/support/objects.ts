import { GetObjectCommand, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';

/** undefined where there is no such object. */
export async function readText(s3: S3Client, bucket: string, key: string): Promise<string | undefined> {
  const stored = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key })).catch(() => undefined);
  return stored?.Body?.transformToString();
}

export async function readJson(
  s3: S3Client,
  bucket: string,
  key: string,
): Promise<Record<string, unknown> | undefined> {
  const text = await readText(s3, bucket, key);
  return text === undefined ? undefined : Object(JSON.parse(text));
}

export async function listKeys(s3: S3Client, bucket: string, prefix = ''): Promise<string[]> {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix }));
  return Contents.map(({ Key = '' }) => Key);
}

/** Every line of every results.jsonl of an identifier. */
export async function resultLines(s3: S3Client, identifier: string): Promise<Record<string, unknown>[]> {
  const keys = await listKeys(s3, 'inference-logs', `${identifier}/`);
  const texts = await Promise.all(keys.map((key) => readText(s3, 'inference-logs', key)));
  return texts
    .flatMap((text) => (text ?? '').split('\n').filter((line) => line !== ''))
    .map((line) => Object(JSON.parse(line)));
}
