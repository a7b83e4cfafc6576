// Consumes a topic as a member of a group, for as long as it takes: sessions follow one another when a consumer
// crashes. Each owned partition is worked by one call of `work`, outside of kafkajs's fetch loop, so that heartbeats
// go on however long an invoke takes.
import type { Kafka } from 'kafkajs';
import { backoffMs, deferred, settledWithin, wait } from '../backoff.ts';
import { describeError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { StartingPosition } from './offsets.ts';
import type { PartitionSource } from './partition-source.ts';
import { Session } from './session.ts';

export interface GroupConsumerOptions {
  readonly kafka: Kafka;
  readonly groupId: string;
  readonly topic: string;
  readonly startingPosition: StartingPosition;
  /** Milliseconds. Default 6,000. */
  readonly sessionTimeoutMs?: number;
  /** Named in log lines. */
  readonly functionName: string;
  readonly log: Log;
  /** Works one partition until `source.signal` aborts. Must not reject. */
  readonly work: (source: PartitionSource) => Promise<void>;
}

export interface GroupConsumer {
  /** Resolves once the group was joined for the first time. */
  readonly ready: Promise<void>;
  /** Gives running work `graceMs` milliseconds to finish and commit, then leaves the group. */
  readonly stop: (graceMs: number) => Promise<void>;
}

const RESTART_BACKOFF = { initialMs: 250, maxMs: 5000 };
const LEAVE_MS = 1500;

export function startGroupConsumer(options: GroupConsumerOptions): GroupConsumer {
  const ready = deferred<void>();
  const stopping = new AbortController();
  const works = new Map<number, Promise<void>>();
  let session: Session | undefined;

  async function supervise(): Promise<void> {
    for (let failures = 0; !stopping.signal.aborted;) {
      session = new Session(options, works, () => {
        failures = 0;
        ready.resolve();
      });
      const error = await session.run();
      if (stopping.signal.aborted) return;
      session.loseAll();
      void session.leave();
      failures += 1;
      const retryInMs = backoffMs(RESTART_BACKOFF, failures);
      const { functionName, topic, groupId, log } = options;
      log.warn({
        event: 'consumer_restarting',
        function: functionName,
        topic,
        group: groupId,
        retry_in_ms: retryInMs,
        error: describeError(error),
      });
      await wait(retryInMs, stopping.signal);
    }
  }

  const supervised = supervise();
  return {
    ready: ready.promise,
    async stop(graceMs) {
      stopping.abort();
      session?.closeAll();
      await settledWithin(Promise.all(works.values()), graceMs);
      session?.loseAll();
      await settledWithin(session?.leave() ?? Promise.resolve(), LEAVE_MS);
      await settledWithin(supervised, LEAVE_MS);
    },
  };
}
