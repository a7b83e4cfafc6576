// Delivers spooled notifications to one target: in order for each key, a few keys at once, again and again while the
// target is down.
import type { Log } from '../log.ts';
import type { SpoolEntry } from './spool.ts';
import type { NotificationTarget } from './target.ts';

export interface DispatcherOptions {
  readonly target: NotificationTarget;
  /** Called once the target has it; forgets it on disk. */
  readonly delivered: (entry: SpoolEntry) => Promise<void>;
  readonly log: Log;
  /** First pause after a failure in milliseconds; doubles up to `maxBackoffMs`. Defaults: 100 and 2000. */
  readonly minBackoffMs?: number;
  readonly maxBackoffMs?: number;
}

const KEYS_AT_ONCE = 8;

export class Dispatcher {
  readonly #options: DispatcherOptions;
  /** What waits, by key; a key that is being delivered keeps its queue. */
  readonly #queues = new Map<string, SpoolEntry[]>();
  /** Keys whose first entry may go out. */
  readonly #ready: string[] = [];
  readonly #running = new Set<Promise<void>>();
  #failures = 0;
  #pause: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: DispatcherOptions) {
    this.#options = options;
  }

  enqueue(entry: SpoolEntry): void {
    const name = `${entry.message.bucket}/${entry.message.key}`;
    const queue = this.#queues.get(name);
    if (queue === undefined) {
      this.#queues.set(name, [entry]);
      this.#ready.push(name);
    } else {
      queue.push(entry);
    }
    this.#start();
  }

  /** Stops; deliveries under way may end within `graceMs`. What is left stays in the spool. */
  async close(graceMs: number): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#pause);
    let timer: NodeJS.Timeout | undefined;
    const grace = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, graceMs);
    });
    await Promise.race([Promise.allSettled(this.#running), grace]);
    clearTimeout(timer);
  }

  #start(): void {
    // After a failure one delivery at a time probes the target.
    const limit = this.#failures > 0 ? 1 : KEYS_AT_ONCE;
    while (!this.#closed && this.#pause === undefined && this.#running.size < limit) {
      const name = this.#ready.shift();
      if (name === undefined) return;
      const running = this.#deliverFirst(name).finally(() => {
        this.#running.delete(running);
        this.#start();
      });
      this.#running.add(running);
    }
  }

  async #deliverFirst(name: string): Promise<void> {
    const queue = this.#queues.get(name);
    const entry = queue?.[0];
    if (queue === undefined || entry === undefined) return;
    try {
      await this.#options.target.deliver(entry.message);
      await this.#options.delivered(entry);
    } catch (cause) {
      this.#failed(name, cause);
      return;
    }
    this.#failures = 0;
    queue.shift();
    if (queue.length > 0) this.#ready.push(name);
    else this.#queues.delete(name);
  }

  /** The key goes to the back of the line, so that one bad message holds up no other key. */
  #failed(name: string, cause: unknown): void {
    const { target, log, minBackoffMs = 100, maxBackoffMs = 2000 } = this.#options;
    this.#ready.push(name);
    this.#failures += 1;
    if (this.#closed || this.#pause !== undefined) return;
    const delay = Math.min(maxBackoffMs, minBackoffMs * 2 ** (this.#failures - 1));
    const reason = cause instanceof Error ? cause.message : String(cause);
    const message = `${target.arn} did not take the notification of ${name}, which is tried again: ${reason}`;
    // A target that stays down is told of once.
    if (this.#failures === 1) log({ level: 'warn', code: 'NOTIFICATION_DELAYED', message, cause });
    this.#pause = setTimeout(() => {
      this.#pause = undefined;
      this.#start();
    }, delay);
  }
}
