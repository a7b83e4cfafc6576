import { resultLine, type ResultLine } from '../shared/messages/schema.ts';
import type { Storage } from '../shared/storage/storage.ts';
import { BUCKETS } from '../shared/topics.ts';

export interface LoggedPrediction {
  /** Key of the object that holds the line. */
  readonly key: string;
  /** From 1. */
  readonly lineNumber: number;
  readonly line: ResultLine;
}

/** The lines of every results.jsonl whose key begins with `prefix`, oldest day first. A line that is none is left out. */
export async function* predictionsIn(storage: Storage, prefix: string): AsyncGenerator<LoggedPrediction> {
  for await (const { key } of storage.list(BUCKETS.inferenceLogs, prefix)) {
    if (!key.endsWith('.jsonl')) continue;
    const stored = await storage.get(BUCKETS.inferenceLogs, key);
    const lines = Buffer.from(stored?.body ?? '')
      .toString('utf8')
      .split('\n');
    for (const [index, text] of lines.entries()) {
      const line = parseLine(text);
      if (line !== undefined) yield { key, lineNumber: index + 1, line };
    }
  }
}

function parseLine(text: string): ResultLine | undefined {
  if (text === '') return undefined;
  try {
    return resultLine.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
