// Ties changes to notifications: what a change causes is on disk before the change is visible, and goes out after.
import { type EventName, matchesRule, type NotificationRule } from './configuration.ts';
import { eventRecord, notificationBody, type ObjectChange } from './event-record.ts';
import type { Spool, SpoolEntry } from './spool.ts';

/** The notifications of one change. */
export interface PreparedEvents {
  /** Runs the step that makes the change visible; where it fails the notifications are thrown away. */
  guard<T>(step: () => Promise<T>): Promise<T>;
  /** The change is visible: the notifications go out. */
  commit(): Promise<void>;
}

export interface ChangeEvents {
  prepare(change: ObjectChange, rules: readonly NotificationRule[]): Promise<PreparedEvents>;
}

export class Notifier implements ChangeEvents {
  readonly #spool: Spool;
  readonly #enqueue: (entry: SpoolEntry) => void;

  /** @param enqueue - takes what is to be delivered, in the order of the changes of a key */
  constructor(spool: Spool, enqueue: (entry: SpoolEntry) => void) {
    this.#spool = spool;
    this.#enqueue = enqueue;
  }

  async prepare(change: ObjectChange, rules: readonly NotificationRule[]): Promise<PreparedEvents> {
    const entries = entriesOf(change, rules);
    for (const entry of entries) await this.#spool.prepare(entry);
    return {
      guard: async (step) => {
        try {
          return await step();
        } catch (error) {
          for (const entry of entries) await this.#spool.discardPrepared(entry);
          throw error;
        }
      },
      commit: async () => {
        for (const entry of entries) {
          await this.#spool.commit(entry);
          this.#enqueue(entry);
        }
      },
    };
  }
}

function entriesOf(change: ObjectChange, rules: readonly NotificationRule[]): SpoolEntry[] {
  const { bucket, key, sequencer } = change;
  const eventName: EventName = change.eventName;
  return rules
    .filter((rule) => matchesRule(rule, eventName, key))
    .map((rule, position) => ({
      id: `${sequencer}-${position}`,
      arn: rule.queueArn,
      sequencer,
      message: { bucket, key, body: notificationBody(change, eventRecord(change, rule.id)) },
    }));
}

/** Whether the change of a prepared entry happened, given the number under which its key is now, if it is there. */
export function changeHappened(entry: SpoolEntry, currentSequencer: string | undefined): boolean {
  const removed = entry.message.body.EventName.startsWith('s3:ObjectRemoved:');
  return removed ? currentSequencer === undefined : currentSequencer === entry.sequencer;
}
