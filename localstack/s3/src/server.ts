import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Credentials, DEFAULT_CREDENTIALS } from './credentials.ts';
import { errnoOf, S3Error, S3ServerError } from './errors.ts';
import { createHandler } from './http/handler.ts';
import type { Log } from './log.ts';
import type { NotificationTarget } from './notifications/target.ts';
import { openStore, type Store } from './store.ts';

export interface S3Options {
  /** Where everything is kept; made if missing. One server a directory. */
  readonly directory: string;
  /** Default: 127.0.0.1 */
  readonly host?: string;
  /** Default: 9000; 0: any free port. */
  readonly port?: number;
  /** Names by which clients reach it beside the loopback ones, without port. Default: none */
  readonly allowedHosts?: readonly string[];
  /** Default: DEFAULT_CREDENTIALS */
  readonly credentials?: Credentials;
  /** Made at start where missing. */
  readonly buckets?: readonly string[];
  /** Where notifications may go. */
  readonly targets?: readonly NotificationTarget[];
  /** The server's clock. Default: the machine's */
  readonly now?: () => Date;
  /** Default: silence */
  readonly log?: Log;
}

export interface S3Server {
  readonly port: number;
  /** `http://host:port`, for the SDK's `endpoint` with `forcePathStyle: true`. */
  readonly endpoint: string;
  /** Ends within a second, open connections included. What was not delivered yet is delivered after the next start. */
  close(): Promise<void>;
}

const GRACE_MS = 250;

/** @throws S3ServerError PORT_TAKEN, DIRECTORY_LOCKED, BAD_OPTION, LISTEN_FAILED */
export async function startS3(options: S3Options): Promise<S3Server> {
  const { host = '127.0.0.1', port = 9000, credentials = DEFAULT_CREDENTIALS } = options;
  const now = options.now ?? (() => new Date());
  const log = options.log ?? (() => undefined);
  const allowedHosts = options.allowedHosts ?? [];
  const store = await openStore({
    directory: options.directory,
    targets: options.targets ?? [],
    credentials,
    now,
    log,
  });
  try {
    await createMissing(store, options.buckets ?? []);
    const server = httpServer(
      createHandler({ services: store.services, credentials, allowedHosts, now, log }),
    );
    // What an earlier run left is delivered before anything new, so its delivery begins before the first connection.
    server.once('listening', () => store.startDelivery());
    const address = await listen(server, host, port);
    const name = host.includes(':') ? `[${host}]` : host;
    return {
      port: address.port,
      endpoint: `http://${name}:${address.port}`,
      close: once(() => close(server, store)),
    };
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function createMissing(store: Store, names: readonly string[]): Promise<void> {
  for (const name of names) {
    if (store.services.buckets.find(name) !== undefined) continue;
    try {
      await store.services.buckets.create(name);
    } catch (cause) {
      if (!(cause instanceof S3Error)) throw cause;
      throw new S3ServerError('BAD_OPTION', `buckets: ${cause.message}`, cause);
    }
  }
}

function httpServer(handler: ReturnType<typeof createHandler>): Server {
  // Uploads may take as long as they need; idle connections outlive the pauses of a client's agent.
  const server = createServer({ requestTimeout: 0, keepAliveTimeout: 65_000 });
  server.on('request', (message, response) => void handler(message, response));
  // An expectation that HTTP knows nothing of (RFC 9110, 10.1.1) may be passed over: S3 does.
  server.on('checkExpectation', (message, response) => void handler(message, response));
  server.on(
    'checkContinue',
    (message, response) => void handler(message, response, () => response.writeContinue()),
  );
  return server;
}

async function listen(server: Server, host: string, port: number): Promise<AddressInfo> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => reject(listenError(cause, host, port)));
    server.listen({ host, port }, resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string')
    throw new S3ServerError('LISTEN_FAILED', `expected a port on ${host}`);
  return address;
}

function listenError(cause: Error, host: string, port: number): S3ServerError {
  if (errnoOf(cause) === 'EADDRINUSE') {
    return new S3ServerError(
      'PORT_TAKEN',
      `expected port ${port} on ${host} to be free, got one that is taken`,
      cause,
    );
  }
  return new S3ServerError(
    'LISTEN_FAILED',
    `expected to listen on ${host}:${port}, got ${cause.message}`,
    cause,
  );
}

async function close(server: Server, store: Store): Promise<void> {
  store.beginClose();
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), GRACE_MS);
  await closed;
  clearTimeout(timer);
  await store.close();
}

function once(task: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  return () => (running ??= task());
}
