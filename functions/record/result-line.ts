import { resultLine } from '../shared/messages/schema.ts';

/** A line of results.jsonl on its way into its file. */
export interface NewLine {
  readonly identifier: string;
  /** UTC day of the line's own timestamp, YYYYMMDD. */
  readonly day: string;
  /** Equal keys are written once a day. */
  readonly key: string;
  /** JSON without a line break. */
  readonly text: string;
}

/** @throws ZodError where `line` is no line of results.jsonl */
export function newLine(identifier: string, line: Readonly<Record<string, unknown>>): NewLine {
  const { timestamp, run_id, metrics } = resultLine.parse(line);
  return {
    identifier,
    day: new Date(timestamp).toISOString().slice(0, 10).replaceAll('-', ''),
    key: duplicateKey(run_id, metrics.prediction_hash),
    text: JSON.stringify(line),
  };
}

/** The duplicate keys of a part; lines that are none of ours are passed over. */
export function keysOf(text: string): Set<string> {
  return new Set(text.split('\n').flatMap((line) => keyOfStored(line) ?? []));
}

function keyOfStored(line: string): string | undefined {
  if (line === '') return undefined;
  const { run_id, metrics } = parsed(line);
  if (typeof run_id !== 'string' || !isRecord(metrics)) return undefined;
  const { prediction_hash } = metrics;
  return typeof prediction_hash === 'string' ? duplicateKey(run_id, prediction_hash) : undefined;
}

function duplicateKey(runId: string, predictionHash: string): string {
  return `${runId} ${predictionHash}`;
}

function parsed(line: string): Record<string, unknown> {
  try {
    const json: unknown = JSON.parse(line);
    return isRecord(json) ? json : {};
  } catch {
    return {};
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
