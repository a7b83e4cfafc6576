import { describeError } from '../../shared/errors.ts';
import type { Log } from '../../shared/log.ts';
import type { OutgoingRecord, Publisher } from '../../shared/messages/publisher.ts';
import type { InferenceResult } from '../../shared/messages/schema.ts';
import { TOPICS } from '../../shared/topics.ts';

export interface Recorder {
  /** Resolves once the message is published, or was given up; never rejects. */
  add(message: InferenceResult): Promise<void>;
  /** Messages that were given up. */
  failures(): number;
  /** Counts one that could not even be made. */
  fail(requestId: string, cause: unknown): void;
}

export interface RecorderOptions {
  readonly publisher: Pick<Publisher, 'send'>;
  readonly log: Log;
  /** How long a message waits for others, ms. */
  readonly waitMs: number;
}

const MOST_A_BATCH = 100;
/** A broker that is down for long must not fill the memory: past this, messages are given up at once. */
const MOST_WAITING = 10_000;

interface Waiting {
  readonly message: InferenceResult;
  readonly done: () => void;
}

/** Publishes lines in batches, one at a time: after `waitMs`, or as soon as 100 wait. */
export function createRecorder({ publisher, log, waitMs }: RecorderOptions): Recorder {
  const waiting: Waiting[] = [];
  let timer: NodeJS.Timeout | undefined;
  let sending = false;
  let failures = 0;

  function fail(requestId: string, cause: unknown): void {
    failures += 1;
    log.error({ event: 'prediction_not_recorded', req_id: requestId, ...describeError(cause) });
  }

  async function flush(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    if (sending) return;
    sending = true;
    while (waiting.length > 0) await send(waiting.splice(0, MOST_A_BATCH));
    sending = false;
  }

  async function send(batch: readonly Waiting[]): Promise<void> {
    const messages = batch.map(({ message }) => message);
    try {
      await publisher.send(TOPICS.inferenceResults, messages.map(toRecord));
    } catch (cause) {
      for (const { line } of messages) fail(line.req_id ?? '', cause);
    }
    for (const { done } of batch) done();
  }

  return {
    add: (message) => {
      if (waiting.length >= MOST_WAITING) {
        fail(
          message.line.req_id ?? '',
          new Error(`expected at most ${MOST_WAITING} lines to wait, got one more`),
        );
        return Promise.resolve();
      }
      const done = new Promise<void>((resolve) => waiting.push({ message, done: resolve }));
      if (waiting.length >= MOST_A_BATCH) void flush();
      else timer ??= setTimeout(() => void flush(), waitMs);
      return done;
    },
    failures: () => failures,
    fail,
  };
}

/** As Publisher.publishAll would send it, but each with a correlation_id of its own. */
function toRecord(message: InferenceResult): OutgoingRecord {
  const { identifier, claim_id } = message;
  return { key: identifier, value: JSON.stringify(message), headers: { correlation_id: claim_id } };
}
