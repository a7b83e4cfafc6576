import { FltsError } from '../shared/errors.ts';
import { pointerKey, ROOT_POINTER_KEY } from '../shared/keys.ts';
import { pointer, pointerOrNone, type Pointer } from '../shared/promotion.ts';
import type { Services } from '../shared/services.ts';
import type { Storage } from '../shared/storage/storage.ts';
import { BUCKETS } from '../shared/topics.ts';

/** Rivals that may move a pointer between our read and our write before we ask to be delivered again. */
const MAX_ATTEMPTS = 50;

type Needs = Pick<Services, 'storage' | 'log'>;

export interface Promoted {
  readonly promotion: Pointer;
  /** Whether the identifier's pointer names it now; else a newer claim's promotion stays in force. */
  readonly pointerMoved: boolean;
}

/**
 * A pointer names the promoted model. It is replaced only by a newer claim, or by a later decision of the same claim;
 * so a redelivered, older decision changes nothing. The history object is written first and never again.
 */
export async function promote(services: Needs, promotion: Pointer): Promise<Promoted> {
  // In the schema's order of fields, as one that is read back, so that a redelivery publishes the very same bytes.
  const written = await writeHistory(services.storage, pointer.parse(promotion));
  const pointerMoved = await movePointer(services, pointerKey(promotion.identifier), written);
  if (pointerMoved) await movePointer(services, ROOT_POINTER_KEY, written);
  return { promotion: written, pointerMoved };
}

function historyKey({ identifier, config_hash, claimed_at, promotion_id }: Pointer): string {
  return `${identifier}/${config_hash}/promotion-${Date.parse(claimed_at)}-${promotion_id.slice(0, 8)}.json`;
}

async function writeHistory(storage: Storage, promotion: Pointer): Promise<Pointer> {
  const key = historyKey(promotion);
  const { written } = await storage.putJson(BUCKETS.promotion, key, promotion, { ifNoneMatch: true });
  if (written) return promotion;
  const stored = await storage.getJson(BUCKETS.promotion, key, pointer);
  return stored?.value ?? promotion;
}

/**
 * Moves one pointer by compare-and-swap; true where it names `promotion` afterwards. An object that is no pointer
 * gives way, and the log says so.
 */
export async function movePointer(
  { storage, log }: Needs,
  key: string,
  promotion: Pointer,
): Promise<boolean> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
    const current = await storage.getJson(BUCKETS.promotion, key, pointerOrNone);
    const named = current?.value;
    if (named?.promotion_id === promotion.promotion_id) return true;
    if (named !== undefined && !supersedes(promotion, named)) return false;
    const condition = current === undefined ? { ifNoneMatch: true as const } : { ifMatch: current.etag };
    const { written } = await storage.putJson(BUCKETS.promotion, key, promotion, condition);
    if (!written) continue;
    if (current !== undefined && named === undefined)
      log.warn({
        event: 'pointer_unreadable',
        place: `${BUCKETS.promotion}/${key}`,
        message: `expected a pointer, got something else: replaced by promotion ${promotion.promotion_id}`,
      });
    return true;
  }
  throw new FltsError(
    'pointer_contended',
    `expected to move ${BUCKETS.promotion}/${key} within ${MAX_ATTEMPTS} attempts, got a rival each time`,
    {
      retryable: true,
    },
  );
}

/** A newer claim wins; of one claim the later decision does: the one that knows the former as its predecessor, or more runs. */
function supersedes(promotion: Pointer, current: Pointer): boolean {
  if (promotion.claim_id === current.claim_id)
    return promotion.scoreboard.length >= current.scoreboard.length;
  if (promotion.claimed_at !== current.claimed_at) return promotion.claimed_at > current.claimed_at;
  // Two claims of the same millisecond: any fixed order will do, as long as everyone applies the same one.
  return promotion.claim_id > current.claim_id;
}
