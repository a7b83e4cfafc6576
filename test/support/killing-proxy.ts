import type { ChildProcess } from 'node:child_process';
import {
  createServer as createHttpServer,
  request,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { connect, createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net';
import { EVERY_REQUEST } from './crash-moments.ts';

export interface KillingProxy {
  readonly s3: string;
  readonly mlflow: string;
  /** Port that the broker must advertise, so that clients stay behind the proxy. */
  readonly kafkaPort: number;
  /** Kills `child` once its `nth` moment (1-based; HTTP, or Kafka produce) was answered but the answer not delivered. */
  readonly arm: (child: ChildProcess, nth: number) => void;
  /** Moments since the last `arm`. */
  readonly count: () => number;
  close(): Promise<void>;
}

export interface Upstreams {
  readonly s3Port: number;
  readonly mlflowPort: number;
  /** Known only once the broker runs, which itself needs the proxy's port. */
  readonly kafkaPort: () => number;
}

/**
 * Stands before S3, MLflow and Kafka and pulls the plug of a client at its nth moment, a write or (crash-moments.ts) any
 * request: the service has done what was asked, the client never hears of it. Killing after write n - 1 is the same to the
 * services as at any read that comes before write n, and as before write n itself.
 */
export async function startKillingProxy(upstreams: Upstreams): Promise<KillingProxy> {
  const trigger = createTrigger();
  const s3 = await listening(
    createHttpServer((incoming, outgoing) => void forward(incoming, outgoing, upstreams.s3Port, trigger)),
  );
  const mlflow = await listening(
    createHttpServer((incoming, outgoing) => void forward(incoming, outgoing, upstreams.mlflowPort, trigger)),
  );
  const sockets = new Set<Socket>();
  const kafka = createTcpServer((client) =>
    relay(client, connect(upstreams.kafkaPort(), '127.0.0.1'), trigger, sockets),
  );
  await new Promise<void>((resolve) => kafka.listen(0, '127.0.0.1', resolve));
  return {
    s3: `http://127.0.0.1:${portOf(s3)}`,
    mlflow: `http://127.0.0.1:${portOf(mlflow)}`,
    kafkaPort: (kafka.address() as AddressInfo).port,
    arm: trigger.arm,
    count: trigger.count,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      for (const server of [s3, mlflow]) {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      }
      await new Promise((resolve) => kafka.close(resolve));
    },
  };
}

interface Trigger {
  readonly arm: (child: ChildProcess, nth: number) => void;
  readonly count: () => number;
  /** Counts a moment; true where its answer is the one to swallow. */
  next(): boolean;
  fire(): void;
}

function createTrigger(): Trigger {
  let state: { child: ChildProcess; nth: number } | undefined;
  let seen = 0;
  return {
    arm: (child, nth) => {
      state = { child, nth };
      seen = 0;
    },
    count: () => seen,
    next: () => {
      seen += 1;
      return seen === state?.nth;
    },
    fire: () => void state?.child.kill('SIGKILL'),
  };
}

async function forward(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  port: number,
  trigger: Trigger,
): Promise<void> {
  const { method, url, headers } = incoming;
  const fatal = (EVERY_REQUEST || !isRead(incoming)) && trigger.next();
  const upstream = request({ host: '127.0.0.1', port, method, path: url, headers }, (answer) => {
    if (!fatal) {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
      return;
    }
    answer.resume().once('end', () => trigger.fire());
  });
  upstream.once('error', () => outgoing.destroy());
  incoming.once('error', () => upstream.destroy());
  incoming.pipe(upstream);
}

/** MLflow searches by POST. */
function isRead({ method, url = '' }: IncomingMessage): boolean {
  return method === 'GET' || method === 'HEAD' || url.endsWith('/search');
}

const PRODUCE = 0;

/** Relays bytes; a produce request counts, and the broker's next bytes after the fatal one are withheld. */
function relay(client: Socket, broker: Socket, trigger: Trigger, sockets: Set<Socket>): void {
  let fatal = false;
  let pending: Buffer = Buffer.alloc(0);
  for (const socket of [client, broker]) {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => {
      sockets.delete(socket);
      client.destroy();
      broker.destroy();
    });
  }
  client.on('data', (chunk: Buffer) => {
    pending = Buffer.concat([pending, chunk]);
    while (pending.length >= 6 && pending.length >= 4 + pending.readInt32BE(0)) {
      if (pending.readInt16BE(4) === PRODUCE && trigger.next()) fatal = true;
      pending = pending.subarray(4 + pending.readInt32BE(0));
    }
    broker.write(chunk);
  });
  broker.on('data', (chunk: Buffer) => {
    if (fatal) trigger.fire();
    else client.write(chunk);
  });
}

function listening(server: Server): Promise<Server> {
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}
