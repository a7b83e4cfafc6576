// A mapping under test with a function that the test controls.
import { Journal } from './journal.ts';
import type { TestBroker } from './broker.ts';
import type { Log, LogFields } from '../src/log.ts';
import type { MskEventRecord, MskInvokeEvent } from '../src/msk/event.ts';
import { startMapping, type Mapping, type MappingOptions } from '../src/msk/mapping.ts';

export interface Invocation {
  readonly records: readonly MskEventRecord[];
  readonly partition: number;
  readonly offsets: readonly number[];
}

export type TestFunction = (invocation: Invocation) => Promise<unknown>;

export interface Poller extends Mapping {
  readonly invocations: Journal<Invocation>;
  readonly lines: Journal<LogFields>;
  readonly group: string;
}

export type PollerOptions = Partial<MappingOptions> & { readonly topic: string };

export function startPoller(broker: TestBroker, options: PollerOptions, run: TestFunction): Poller {
  const invocations = new Journal<Invocation>();
  const lines = new Journal<LogFields>();
  const group = options.consumerGroupId ?? `group-${options.topic}`;
  const mapping = startMapping({
    bootstrapServers: broker.bootstrapServers,
    functionName: 'under-test',
    batchingWindowMs: 50,
    backoff: { initialMs: 20, maxMs: 100 },
    log: journalLog(lines),
    ...options,
    consumerGroupId: group,
    invoke(event) {
      const invocation = readInvocation(event as MskInvokeEvent);
      invocations.add(invocation);
      return run(invocation);
    },
  });
  return { ...mapping, invocations, lines, group };
}

export function journalLog(lines: Journal<LogFields>): Log {
  const add = (fields: LogFields): void => lines.add(fields);
  return { debug: add, info: add, warn: add, error: add };
}

function readInvocation({ records }: MskInvokeEvent): Invocation {
  const all = Object.values(records).flat();
  return { records: all, partition: all[0]?.partition ?? -1, offsets: all.map(({ offset }) => offset) };
}

/** batchItemFailures that name these offsets. */
export function failures(topic: string, partition: number, offsets: readonly number[]): unknown {
  const at = `${topic}-${partition}`;
  return { batchItemFailures: offsets.map((offset) => ({ itemIdentifier: { partition: at, offset } })) };
}

/** Of all records that the function has been invoked with, in order. */
export function valuesOf({ invocations }: Poller): string[] {
  return invocations.entries.flatMap(({ records }) =>
    records.map(({ value }) => Buffer.from(value ?? '', 'base64').toString()),
  );
}
