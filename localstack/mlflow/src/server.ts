import { mkdirSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createArtifactStore, type S3Options } from './artifacts/store.ts';
import { MlflowServerError } from './errors.ts';
import type { Log } from './http/answers.ts';
import { handle } from './http/handler.ts';
import { lockDirectory } from './store/directory-lock.ts';
import { createLayout } from './store/layout.ts';
import { openStore } from './store/store.ts';

export interface MlflowOptions {
  /** Run metadata, in MLflow's file layout, below `mlruns`. */
  readonly directory: string;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Default 5000; 0 takes any free port. */
  readonly port?: number;
  /** Names by which clients reach it beside the loopback ones, without port; default none. */
  readonly allowedHosts?: readonly string[];
  /** Where artifact bytes go. */
  readonly s3: S3Options;
  /** Epoch ms. */
  readonly now?: () => number;
  readonly log?: Log;
}

export interface MlflowServer {
  readonly port: number;
  readonly uri: string;
  close(): Promise<void>;
}

/** Starts the server. @throws MlflowServerError PORT_TAKEN, DIRECTORY_LOCKED, LISTEN_FAILED, BAD_OPTION */
export async function startMlflow({
  directory,
  host = '127.0.0.1',
  port = 5000,
  allowedHosts = [],
  s3,
  now = Date.now,
  log = () => {},
}: MlflowOptions): Promise<MlflowServer> {
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new MlflowServerError('BAD_OPTION', `expected a port of 0 to 65535, got ${port}`);
  mkdirSync(directory, { recursive: true });
  const unlock = lockDirectory(directory);
  const artifacts = createArtifactStore(s3);
  try {
    const unreadable = (path: string, cause: unknown): void =>
      log({ level: 'error', event: 'metadata_unreadable', path, cause: String(cause) });
    const store = openStore(createLayout(join(directory, 'mlruns'), unreadable), now);
    const context = { store, artifacts, log, allowedHosts };
    const server = createServer((request, response) => void handle(request, response, context));
    // An expectation that HTTP knows nothing of may be passed over (RFC 9110, 10.1.1).
    server.on('checkExpectation', (request, response) => void handle(request, response, context));
    const bound = await listen(server, host, port);
    return {
      port: bound,
      uri: `http://${host}:${bound}`,
      close: async () => {
        const closed = new Promise((resolve) => server.close(resolve));
        server.closeAllConnections();
        await closed;
        artifacts.close();
        unlock();
      },
    };
  } catch (cause) {
    artifacts.close();
    unlock();
    throw cause;
  }
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      if (cause.code === 'EADDRINUSE')
        reject(
          new MlflowServerError('PORT_TAKEN', `expected port ${port} of ${host} free, got it taken`, {
            cause,
          }),
        );
      else
        reject(
          new MlflowServerError(
            'LISTEN_FAILED',
            `expected to listen on ${host}:${port}, got ${cause.message}`,
            { cause },
          ),
        );
    });
    server.listen(port, host, () => {
      const address = server.address() as AddressInfo;
      resolve(address.port);
    });
  });
}
