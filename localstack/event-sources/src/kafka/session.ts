// One kafkajs consumer from connect to leave or crash, and the partitions that it owns meanwhile.
//
// kafkajs awaits a batch before it fetches on and heartbeats between fetches, so eachBatch only hands records over.
// A partition is paused until its worker pulls, and while what is fetched ahead of the worker is enough. The commit used is eachBatch's own: unlike
// consumer.commitOffsets it is not repeated under a later generation, where it could rewind the next owner.
import type { Consumer, ConsumerGroupJoinEvent, EachBatchPayload, Offsets } from 'kafkajs';
import { backoffMs, deferred, wait } from '../backoff.ts';
import { describeError } from '../errors.ts';
import { CONSUMER_RETRY } from './client.ts';
import { asOtherConsumers, passOverUnreadable } from './codecs.ts';
import type { GroupConsumerOptions } from './group-consumer.ts';
import { committedOffset, pinStart } from './offsets.ts';
import { PartitionSource } from './partition-source.ts';
import { toRecord } from './record.ts';
import { worthHandling } from './unreadable-batch.ts';

const DEFAULT_SESSION_TIMEOUT_MS = 6000;
const COMMIT_BACKOFF = { initialMs: 50, maxMs: 1000 };

export class Session {
  readonly #options: GroupConsumerOptions;
  readonly #consumer: Consumer;
  /** Running work by partition, of earlier sessions as well: a partition's next work begins after it. */
  readonly #works: Map<number, Promise<void>>;
  readonly #onJoined: () => void;
  readonly #sources = new Map<number, PartitionSource>();
  readonly #ended = deferred<unknown>();
  #commitNow: ((offsets: Offsets) => Promise<void>) | undefined;
  #closing = false;
  #left = false;

  constructor(options: GroupConsumerOptions, works: Map<number, Promise<void>>, onJoined: () => void) {
    this.#options = options;
    this.#works = works;
    this.#onJoined = onJoined;
    const sessionTimeout = options.sessionTimeoutMs ?? DEFAULT_SESSION_TIMEOUT_MS;
    this.#consumer = options.kafka.consumer({
      groupId: options.groupId,
      sessionTimeout,
      heartbeatInterval: Math.min(1000, Math.floor(sessionTimeout / 6)),
      rebalanceTimeout: 10_000,
      maxWaitTimeInMs: 200,
      metadataMaxAge: 30_000,
      allowAutoTopicCreation: false,
      retry: CONSUMER_RETRY,
    });
    const { GROUP_JOIN, CRASH } = this.#consumer.events;
    this.#consumer.on(GROUP_JOIN, (event) => this.#onJoin(event));
    this.#consumer.on(CRASH, (event) => this.#ended.resolve(event.payload.error));
  }

  /** Consumes until a crash, whose error it resolves to, or until `leave`. Never rejects. */
  async run(): Promise<unknown> {
    const { topic, startingPosition } = this.#options;
    try {
      await this.#consumer.connect();
      await this.#consumer.subscribe({ topic, fromBeginning: startingPosition === 'TRIM_HORIZON' });
      await passOverUnreadable(() =>
        this.#consumer.run({
          autoCommit: false,
          eachBatchAutoResolve: false,
          eachBatch: (payload) => this.#onBatch(payload),
        }),
      );
      return await this.#ended.promise;
    } catch (error) {
      return error;
    } finally {
      if (this.#left) await this.leave();
    }
  }

  /** Lets work in hand finish and be committed; nothing new begins. */
  closeAll(): void {
    this.#closing = true;
    for (const source of this.#sources.values()) source.close();
  }

  loseAll(): void {
    this.#closing = true;
    for (const source of this.#sources.values()) source.lose();
    this.#sources.clear();
  }

  /** Leaves the group and disconnects. Never rejects. */
  async leave(): Promise<void> {
    this.#left = true;
    try {
      await this.#consumer.disconnect();
    } catch (error) {
      this.#options.log.debug({ event: 'consumer_disconnect_failed', error: describeError(error) });
    }
    this.#ended.resolve(undefined);
  }

  #onJoin({ payload }: ConsumerGroupJoinEvent): void {
    if (this.#closing) return;
    const { topic } = this.#options;
    const owned = payload.memberAssignment[topic] ?? [];
    const lost = [...this.#sources.keys()].filter((partition) => !owned.includes(partition));
    for (const partition of lost) this.#lose(partition);
    if (owned.length > 0) this.#consumer.pause([{ topic, partitions: [...owned] }]);
    for (const [partition, source] of this.#sources) this.#retain(partition, source);
    const gained = owned.filter((partition) => !this.#sources.has(partition));
    const pinned = this.#pinStart(gained);
    for (const partition of gained) this.#gain(partition, pinned);
    this.#logJoin({ owned, gained, lost, member: payload.memberId });
    this.#onJoined();
  }

  #logJoin(fields: { owned: number[]; gained: number[]; lost: number[]; member: string }): void {
    const { functionName, groupId, topic, log } = this.#options;
    log.info({ event: 'rebalance', function: functionName, group: groupId, topic, ...fields });
  }

  #lose(partition: number): void {
    this.#sources.get(partition)?.lose();
    this.#sources.delete(partition);
  }

  /** A new generation starts from the committed offset: put the fetch position back behind what is in hand. */
  #retain(partition: number, source: PartitionSource): void {
    const { topic } = this.#options;
    if (source.position !== undefined) {
      this.#consumer.seek({ topic, partition, offset: String(source.position) });
    }
    source.rejoined();
    if (source.fetching) this.#consumer.resume([{ topic, partitions: [partition] }]);
  }

  #gain(partition: number, pinned: Promise<void>): void {
    const { topic, work } = this.#options;
    const at = [{ topic, partitions: [partition] }];
    const source = new PartitionSource(topic, partition, {
      pause: () => this.#whileRunning(() => this.#consumer.pause(at)),
      resume: () => this.#whileRunning(() => this.#consumer.resume(at)),
      commit: (from, offset) => this.#commit(from, offset),
    });
    this.#sources.set(partition, source);
    const before = this.#works.get(partition) ?? Promise.resolve();
    const running = Promise.all([before, pinned]).then(() =>
      source.signal.aborted ? undefined : asOtherConsumers(() => work(source)),
    );
    const tracked = running
      .catch((error: unknown) => this.#ended.resolve(error))
      .finally(() => {
        if (this.#works.get(partition) === tracked) this.#works.delete(partition);
      });
    this.#works.set(partition, tracked);
  }

  /** A consumer that has just crashed refuses; its partitions come back with the next session. */
  #whileRunning(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#options.log.debug({ event: 'consumer_not_running', error: describeError(error) });
    }
  }

  /** Commits where the partitions without an offset begin, and fetches them from there. */
  async #pinStart(partitions: readonly number[]): Promise<void> {
    const { topic, startingPosition: position, log } = this.#options;
    for (let failures = 1; !this.#closing; failures++) {
      try {
        const pinned = await pinStart(this.#options, this.#consumer, { partitions, position });
        for (const { partition, offset } of pinned) {
          this.#whileRunning(() => this.#consumer.seek({ topic, partition, offset }));
        }
        return;
      } catch (error) {
        log.debug({ event: 'starting_position_failed', error: describeError(error) });
        await wait(backoffMs(COMMIT_BACKOFF, failures));
      }
    }
  }

  #onBatch(payload: EachBatchPayload): Promise<void> {
    this.#commitNow = (offsets) => payload.commitOffsetsIfNecessary(offsets);
    const { batch } = payload;
    const { topic, partition } = batch;
    const source = this.#sources.get(partition);
    if (source?.fetching === true) {
      payload.resolveOffset(batch.lastOffset());
      const records = worthHandling(batch.messages).map((message) => toRecord(topic, partition, message));
      source.deliver(records, Number(batch.lastOffset()) + 1);
    }
    return Promise.resolve();
  }

  async #commit(source: PartitionSource, offset: number): Promise<boolean> {
    const { topic, log } = this.#options;
    for (let failures = 1; source.owned; failures++) {
      try {
        if (source.unverified && !(await this.#verify(source))) return false;
        // A join replaces kafkajs's generation and tells us of it within one turn of the event loop: at the start of
        // a turn both agree.
        await new Promise(setImmediate);
        if (!source.owned || this.#commitNow === undefined) return false;
        if (source.unverified) continue;
        const partitions = [{ partition: source.partition, offset: String(offset) }];
        await this.#commitNow({ topics: [{ topic, partitions }] });
        return true;
      } catch (error) {
        const place = `${topic}/${source.partition}/${offset}`;
        log.debug({ event: 'commit_failed', place, attempt: failures, error: describeError(error) });
        await wait(backoffMs(COMMIT_BACKOFF, failures));
      }
    }
    return false;
  }

  /** After a rejoin: has another member moved the committed offset on? Then what is in hand is dropped. */
  async #verify(source: PartitionSource): Promise<boolean> {
    source.verified();
    let committed: number;
    try {
      committed = await committedOffset(this.#options, source.partition);
    } catch (error) {
      source.rejoined();
      throw error;
    }
    if (committed <= (source.baseline ?? 0)) return true;
    if (!source.owned) return false;
    this.#lose(source.partition);
    this.#consumer.pause([{ topic: source.topic, partitions: [source.partition] }]);
    this.#consumer.seek({ topic: source.topic, partition: source.partition, offset: String(committed) });
    this.#gain(source.partition, Promise.resolve());
    return false;
  }
}
