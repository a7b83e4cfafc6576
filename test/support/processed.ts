import { createLog } from '../../functions/shared/log.ts';
import { trainingClaim, type TrainingClaim } from '../../functions/shared/messages/schema.ts';
import { uploadEvent, type CrashWorld } from './crash-world.ts';
import { hourlyCsv, QUICK_CONFIG } from './series.ts';
import { tapTopic } from './topic-tap.ts';

export const log = createLog('test', 'silent');

/** Uploads a small series and preprocesses it; the claim that it was published with. */
export async function processedClaim(
  world: CrashWorld,
  identifier: string,
  environment: Record<string, string> = {},
): Promise<TrainingClaim> {
  const body = hourlyCsv({ rows: 480 });
  await world.storage.putJson('dataset', `${identifier}.config.json`, QUICK_CONFIG);
  const stored = await world.storage.put('dataset', `${identifier}.csv`, body);
  const { result, log: output } = await world.deliver(
    'preprocess',
    uploadEvent(`${identifier}.csv`, stored.written ? stored.etag : '', body.length),
    { environment },
  );
  if (result !== null) throw new Error(`expected preprocess to end, got: ${output}`);
  const tap = await tapTopic(world.kafka, 'training-data');
  const { json } = await tap.next(({ key }) => key === identifier);
  await tap.close();
  return trainingClaim.parse(json);
}

/** The claim as the nth trial sees it: another seed, so that it shares no run with any other. */
export function trialOf(claim: TrainingClaim, nth: number): TrainingClaim {
  return {
    ...claim,
    claim_id: `claim-${nth}`,
    claimed_at: new Date(Date.parse(claim.claimed_at) + nth * 1000).toISOString(),
    settings: { ...claim.settings, SEED: 1000 + nth, EPOCHS: 1 },
  };
}
