import type { BatchEntry } from '../shared/handlers/kafka-handler.ts';
import type { Services } from '../shared/services.ts';
import { GLOBAL_IDENTIFIER } from '../shared/topics.ts';
import { appendLines } from './append.ts';
import type { PartCache } from './part-cache.ts';
import { newLine, type NewLine } from './result-line.ts';
import type { RecordedResult } from './schema.ts';

/** Records the lines of a delivery: one compare-and-swap a file, however many lines go into it. */
export async function record(
  results: readonly RecordedResult[],
  cache: PartCache,
  { storage, log }: Services,
): Promise<void> {
  const lines = results.map(({ identifier, line }) => newLine(identifier, line));
  for (const group of byFile(lines)) {
    const appended = await appendLines(storage, cache, group);
    const { identifier, day } = group[0];
    log.info({ event: 'results_recorded', identifier, day, ...appended });
  }
}

/** A batch in the order of its offsets. */
export function messagesOf(entries: readonly BatchEntry<RecordedResult>[]): RecordedResult[] {
  return entries.map(({ message }) => message);
}

/** A result without an identifier is recorded under `global`. */
export function completeResult(message: Record<string, unknown>): Record<string, unknown> {
  const { identifier, line } = message;
  const own = isRecord(line) ? line['identifier'] : undefined;
  const name = [identifier, own].find((each) => typeof each === 'string' && each !== '') ?? GLOBAL_IDENTIFIER;
  return { ...message, identifier: name, line: isRecord(line) ? { ...line, identifier: own || name } : line };
}

function byFile(lines: readonly NewLine[]): [NewLine, ...NewLine[]][] {
  const groups = new Map<string, [NewLine, ...NewLine[]]>();
  for (const line of lines) {
    const file = `${line.day} ${line.identifier}`;
    const group = groups.get(file);
    if (group === undefined) groups.set(file, [line]);
    else group.push(line);
  }
  return [...groups.values()];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
