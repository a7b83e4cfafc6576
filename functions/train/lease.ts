import { z } from 'zod';
import { FltsError, ServiceError } from '../shared/errors.ts';
import { leaseKey } from '../shared/keys.ts';
import type { Storage } from '../shared/storage/storage.ts';
import { BUCKETS } from '../shared/topics.ts';

/** A lease that nobody renewed for this long may be taken over. */
export const LEASE_EXPIRES_MS = 30_000;
export const LEASE_RENEW_MS = 10_000;

/** A claim that was handed on to a later invocation, and how often so far. */
const handedOn = z.object({ claim_id: z.string(), count: z.number().int() });
export type HandedOn = z.infer<typeof handedOn>;

const leaseBody = z.object({
  v: z.literal(1),
  holder: z.string(),
  run_id: z.string().nullable(),
  /** Its holder has ended: it need not expire. */
  released: z.boolean().optional(),
  handed_on: handedOn.optional(),
});

export interface Lease {
  /** What the holder before said when it released the lease. */
  readonly handedOn: HandedOn | undefined;
  /** Renews now, with the run that the holder works on. @throws FltsError lease_lost */
  renew(runId: string): Promise<void>;
  /** Renews every LEASE_RENEW_MS until `stop`; `lost` is called once when a rival has it. */
  keep(runId: string, lost: (cause: unknown) => void): { stop(): Promise<void> };
  /** Lets the next trainer take it at once; `handedOn`: default, what the holder before said. @throws FltsError lease_lost */
  release(runId: string | null, handedOn?: HandedOn): Promise<void>;
}

export interface LeaseOf {
  readonly identifier: string;
  readonly configHash: string;
  readonly trainingKey: string;
  /** Unlike any other holder's. */
  readonly holder: string;
}

/**
 * Keeps two trainers of one training_key apart. Times are the S3 server's clock alone; a lease is never deleted, it
 * expires. @throws ServiceError lease_held (retryable) while a rival is alive
 */
export async function takeLease(
  storage: Storage,
  { identifier, configHash, trainingKey, holder }: LeaseOf,
): Promise<Lease> {
  const key = leaseKey(identifier, configHash, trainingKey);
  const body = { v: 1 as const, holder, run_id: null };
  const first = await storage.putJson(BUCKETS.processed, key, body, { ifNoneMatch: true });
  if (first.written) return createLease(storage, { key, etag: first.etag, body });
  const current = await storage.getJson(BUCKETS.processed, key, leaseBody);
  const age = current === undefined ? 0 : current.serverTime - current.lastModified;
  const isFree = current?.value.released === true || age > LEASE_EXPIRES_MS;
  if (current === undefined || !isFree) throw held(key, current?.value.holder);
  const own = { ...body, handed_on: current.value.handed_on };
  const taken = await storage.putJson(BUCKETS.processed, key, own, { ifMatch: current.etag });
  if (!taken.written) throw held(key, undefined);
  return createLease(storage, { key, etag: taken.etag, body: own });
}

function held(key: string, holder: string | undefined): ServiceError {
  const who = holder === undefined ? 'a rival' : holder;
  return new ServiceError(
    'lease_held',
    `expected no live lease at ${BUCKETS.processed}/${key}, got one held by ${who}`,
  );
}

interface LeaseState {
  readonly key: string;
  etag: string;
  readonly body: z.infer<typeof leaseBody>;
}

function createLease(storage: Storage, state: LeaseState): Lease {
  // Renewals must not overlap: each builds on the ETag that the one before it wrote.
  let queue: Promise<void> = Promise.resolve();
  let renewals = 0;

  async function write(fields: Partial<z.infer<typeof leaseBody>>): Promise<void> {
    renewals += 1;
    const renewed = { ...state.body, ...fields, renewals };
    const result = await storage.putJson(BUCKETS.processed, state.key, renewed, { ifMatch: state.etag });
    const own = result.written ? result : await writtenBefore(renewed);
    if (own === undefined) {
      throw new FltsError(
        'lease_lost',
        `expected our lease at ${BUCKETS.processed}/${state.key}, got a rival's`,
        { retryable: true },
      );
    }
    state.etag = own.etag;
  }

  /** A write whose answer was lost is sent again by the client, and then finds itself. */
  async function writtenBefore(renewed: object): Promise<{ readonly etag: string } | undefined> {
    const current = await storage.get(BUCKETS.processed, state.key);
    const isOwn = current !== undefined && Buffer.from(current.body).toString() === JSON.stringify(renewed);
    return isOwn ? current : undefined;
  }

  const inTurn = (fields: Partial<z.infer<typeof leaseBody>>): Promise<void> => {
    const next = queue.then(() => write(fields));
    queue = next.catch(() => {});
    return next;
  };
  const renew: Lease['renew'] = (runId) => inTurn({ run_id: runId });
  const release: Lease['release'] = (runId, given = state.body.handed_on) =>
    inTurn({ run_id: runId, released: true, handed_on: given });

  const keep: Lease['keep'] = (runId, lost) => {
    const timer = setInterval(() => {
      renew(runId).catch((cause: unknown) => {
        if (cause instanceof FltsError && cause.code === 'lease_lost') {
          clearInterval(timer);
          lost(cause);
        }
      });
    }, LEASE_RENEW_MS);
    return {
      stop: async () => {
        clearInterval(timer);
        await queue;
      },
    };
  };

  return { handedOn: state.body.handed_on, renew, keep, release };
}
