import type { Log } from '../log.ts';
import { Dispatcher } from './dispatcher.ts';
import type { Spool, SpoolEntry } from './spool.ts';
import type { NotificationTarget } from './target.ts';

export interface DeliveryOptions {
  readonly targets: readonly NotificationTarget[];
  readonly spool: Spool;
  readonly log: Log;
}

const GRACE_MS = 200;

/**
 * A dispatcher a target. What is for a target that this server does not have waits in the spool for one that has it.
 */
export class Delivery {
  readonly #targets: readonly NotificationTarget[];
  readonly #dispatchers: ReadonlyMap<string, Dispatcher>;
  readonly #log: Log;
  readonly #missing = new Set<string>();

  constructor({ targets, spool, log }: DeliveryOptions) {
    const delivered = (entry: SpoolEntry): Promise<void> => spool.remove(entry);
    this.#targets = targets;
    this.#log = log;
    this.#dispatchers = new Map(
      targets.map((target) => [target.arn, new Dispatcher({ target, delivered, log })] as const),
    );
  }

  enqueue(entry: SpoolEntry): void {
    const dispatcher = this.#dispatchers.get(entry.arn);
    if (dispatcher !== undefined) {
      dispatcher.enqueue(entry);
      return;
    }
    if (this.#missing.has(entry.arn)) return;
    this.#missing.add(entry.arn);
    const message = `notifications for ${entry.arn} wait: the server was started without that target`;
    this.#log({ level: 'warn', code: 'TARGET_MISSING', message });
  }

  /** Lets deliveries under way end for a moment, then closes the targets. */
  async close(): Promise<void> {
    await Promise.all([...this.#dispatchers.values()].map((dispatcher) => dispatcher.close(GRACE_MS)));
    const closings = this.#targets.map(async (target) => target.close?.());
    const grace = new Promise((resolve) => setTimeout(resolve, GRACE_MS).unref());
    await Promise.race([Promise.allSettled(closings), grace]);
  }
}
