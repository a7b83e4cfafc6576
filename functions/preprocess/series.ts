import type { Services } from '../shared/services.ts';
import { writeStatus, type StageStatus } from '../shared/status.ts';

/** The claim of one identifier's data set: an upload's own or, where that is split into groups, one of each. */
export interface SeriesClaim {
  readonly identifier: string;
  readonly claim_id: string;
  readonly claimed_at: string;
}

export type StatusFields = Partial<StageStatus> & Pick<StageStatus, 'state'>;

/** What the stage tells of a claim. */
export function statusOf(
  { identifier, claim_id, claimed_at }: SeriesClaim,
  fields: StatusFields,
  { now }: Pick<Services, 'now'>,
): StageStatus {
  const updated_at = new Date(now()).toISOString();
  const claim = { identifier, claim_id, claimed_at };
  return { ...claim, config_hash: null, stage: 'preprocess', updated_at, ...fields };
}

export async function report(claim: SeriesClaim, fields: StatusFields, services: Services): Promise<void> {
  await writeStatus(services.storage, statusOf(claim, fields, services));
}
