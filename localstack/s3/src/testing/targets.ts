// A notification target that keeps what it is given and can be down.
import type { NotificationMessage, NotificationTarget } from '../notifications/target.ts';

export const TEST_ARN = 'arn:minio:sqs::test:memory';

export class MemoryTarget implements NotificationTarget {
  readonly arn: string;
  readonly taken: NotificationMessage[] = [];
  /** Calls of deliver, failed ones included. */
  attempts = 0;
  readonly #accepts: (message: NotificationMessage) => boolean;
  readonly #waiting: { readonly holds: () => boolean; readonly resolve: () => void }[] = [];

  constructor(accepts: (message: NotificationMessage) => boolean = () => true, arn = TEST_ARN) {
    this.#accepts = accepts;
    this.arn = arn;
  }

  /** `event key` of each, in order. */
  get summary(): string[] {
    return this.taken.map(({ body, key }) => `${body.Records[0].eventName} ${key}`);
  }

  async deliver(message: NotificationMessage): Promise<void> {
    // As a network would: nothing happens in the same tick.
    await new Promise((resolve) => setImmediate(resolve));
    this.attempts += 1;
    const accepted = this.#accepts(message);
    if (accepted) this.taken.push(message);
    for (const waiting of this.#waiting) if (waiting.holds()) waiting.resolve();
    if (!accepted) throw new Error('the target is down');
  }

  /** Resolves once that many messages were taken. */
  async took(count: number): Promise<void> {
    await this.until(() => this.taken.length >= count);
  }

  async attempted(count: number): Promise<void> {
    await this.until(() => this.attempts >= count);
  }

  async until(holds: () => boolean): Promise<void> {
    if (holds()) return;
    await new Promise<void>((resolve) => this.#waiting.push({ holds, resolve }));
  }
}
