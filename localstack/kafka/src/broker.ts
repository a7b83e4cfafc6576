import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { BrokerState } from './apis/api.ts';
import { serveConnection } from './connection.ts';
import { lockDirectory } from './directory-lock.ts';
import { BrokerError } from './errors.ts';
import { createGroup, type Group } from './groups/group.ts';
import { openOffsetStore } from './groups/offset-store.ts';
import { openTopicStore } from './log/topic-store.ts';

export interface BrokerOptions {
  /** Where everything is kept. */
  readonly directory: string;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Default 9092; 0 takes any free port. */
  readonly port?: number;
  /** What clients are told to connect to; default: host and port. */
  readonly advertisedHost?: string;
  readonly advertisedPort?: number;
  /** Default true. */
  readonly autoCreateTopics?: boolean;
  /** Of a topic that is made without saying; default 1. */
  readonly defaultPartitions?: number;
  /** How often it looks for what topics no longer keep and what can be compacted, ms; default 30,000. */
  readonly cleanupMs?: number;
  readonly log?: (event: Record<string, unknown>) => void;
}

export interface Broker {
  readonly port: number;
  readonly bootstrapServers: string;
  close(): Promise<void>;
}

/**
 * Starts a single-node broker.
 * @throws BrokerError PORT_TAKEN, DIRECTORY_LOCKED, LISTEN_FAILED, BAD_OPTION, LOG_CORRUPT
 */
export async function startBroker(options: BrokerOptions): Promise<Broker> {
  const { directory, host = '127.0.0.1', port = 9092, log = () => {} } = options;
  assertInteger('port', port, [0, 65_535]);
  assertInteger('defaultPartitions', options.defaultPartitions ?? 1, [1, 1000]);
  assertInteger('cleanupMs', options.cleanupMs ?? CLEANUP_MS, [1, 2 ** 31 - 1]);
  mkdirSync(directory, { recursive: true });
  const unlock = lockDirectory(directory);
  const sockets = new Set<Socket>();
  const server = createServer();
  try {
    const bound = await listen(server, host, port);
    const state = openState(options, bound, host);
    server.on('connection', (socket) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      serveConnection(socket, state.broker, log);
    });
    return {
      port: bound,
      bootstrapServers: `${host}:${bound}`,
      close: async () => {
        state.close();
        const closed = new Promise((resolve) => server.close(resolve));
        for (const socket of sockets) socket.destroy();
        await closed;
        await state.release();
        unlock();
      },
    };
  } catch (cause) {
    server.close();
    unlock();
    throw cause;
  }
}

function assertInteger(name: string, value: number, [least, most]: readonly [number, number]): void {
  if (!Number.isInteger(value) || value < least || value > most)
    throw new BrokerError('BAD_OPTION', `${name}: expected ${least} to ${most}, got ${value}`);
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      if (cause.code === 'EADDRINUSE')
        reject(
          new BrokerError('PORT_TAKEN', `expected port ${port} of ${host} free, got it taken`, { cause }),
        );
      else
        reject(
          new BrokerError('LISTEN_FAILED', `expected to listen on ${host}:${port}, got ${cause.message}`, {
            cause,
          }),
        );
    });
    server.listen(port, host, () => {
      const address = server.address() as AddressInfo;
      resolve(address.port);
    });
  });
}

const CLEANUP_MS = 30_000;

function openState(
  options: BrokerOptions,
  port: number,
  host: string,
): { broker: BrokerState; close(): void; release(): Promise<void> } {
  const { directory, autoCreateTopics = true, defaultPartitions = 1, log = () => {} } = options;
  const topics = openTopicStore(directory, log);
  const offsets = openOffsetStore(directory);
  const groups = new Map<string, Group>();
  const waiting = new Set<() => void>();
  let cleaning: Promise<void> | undefined;
  const cleanup = (): void => {
    topics.retain(Date.now());
    cleaning ??= topics.compact(Date.now()).finally(() => (cleaning = undefined));
  };
  const cleanups = setInterval(cleanup, options.cleanupMs ?? CLEANUP_MS).unref();
  let closing = false;
  const wake = (): void => {
    for (const each of waiting) each();
  };
  const broker: BrokerState = {
    topics,
    offsets,
    groups,
    group: (id) => {
      const group = groups.get(id) ?? createGroup((clientId) => `${clientId}-${randomUUID()}`);
      groups.set(id, group);
      return group;
    },
    dropGroup: (id) => {
      groups.get(id)?.close();
      groups.delete(id);
    },
    appended: wake,
    nextAppend: (ms) =>
      new Promise((resolve) => {
        const done = (): void => {
          clearTimeout(timer);
          waiting.delete(done);
          resolve();
        };
        const timer = setTimeout(done, Math.max(0, ms));
        waiting.add(done);
      }),
    nextProducerId: () => nextProducerId(directory),
    advertised: { host: options.advertisedHost ?? host, port: options.advertisedPort ?? port },
    autoCreateTopics,
    defaultPartitions,
    closing: () => closing,
  };
  return {
    broker,
    close: () => {
      closing = true;
      clearInterval(cleanups);
      wake();
      for (const group of groups.values()) group.close();
    },
    release: async () => {
      topics.close();
      offsets.close();
      await cleaning;
    },
  };
}

/** Written before it is given out, so that no id is given twice. */
function nextProducerId(directory: string): bigint {
  const path = join(directory, 'producer-id');
  let next = 0n;
  try {
    next = BigInt(readFileSync(path, 'utf8'));
  } catch {
    // None was given yet.
  }
  writeFileSync(`${path}.tmp`, String(next + 1n), { flush: true });
  renameSync(`${path}.tmp`, path);
  return next;
}
