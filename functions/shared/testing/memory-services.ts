import type { Log, LogFields } from '../log.ts';
import { createMemoryPublisher } from '../messages/memory-publisher.ts';
import type { Services } from '../services.ts';
import { createMemoryStorage } from '../storage/memory-storage.ts';
import { createMemoryTracking } from '../tracking/memory-tracking.ts';

export interface LoggedLine extends LogFields {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
}

/** The Log of unit tests: keeps what was logged, in order. */
export function createMemoryLog(): Log & { readonly lines: LoggedLine[] } {
  const lines: LoggedLine[] = [];
  const at =
    (level: LoggedLine['level']) =>
    (fields: LogFields): void =>
      void lines.push({ level, ...fields });
  return { lines, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

/** Services that live in memory; the clock moves on only where `clock.now` is set. */
export function createMemoryServices(startAt = Date.UTC(2024, 4, 1, 12)) {
  const clock = { now: startAt };
  const now = (): number => clock.now;
  const storage = createMemoryStorage(now);
  const publisher = createMemoryPublisher();
  const tracking = createMemoryTracking();
  const log = createMemoryLog();
  const services: Services = { storage, publisher, tracking, log, now };
  return { clock, storage, publisher, tracking, log, services };
}
