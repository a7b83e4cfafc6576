import { combineModels, readModelInfo, type EnsembleMember, type RuntimePool } from '@flts/model-runtime';
import { FAMILIES } from '@flts/model-runtime/families';
import { FltsError } from '../shared/errors.ts';
import { contentHash } from '../shared/hash.ts';
import type { ModelTraining } from '../shared/messages/schema.ts';
import type { Services } from '../shared/services.ts';
import type { Run } from '../shared/tracking/tracking.ts';
import type { Candidate } from './champion.ts';
import { runOnce, type RunOnce } from './run-once.ts';

export interface EnsembleOf extends Pick<RunOnce, 'load'> {
  readonly message: ModelTraining;
  /** Finished runs of the claim, scored on the same origins. */
  readonly models: readonly Candidate[];
}

const LEAST_MEMBERS = 3;

/** The run of the median of the claim's statistical models; undefined where they are too few. */
export async function ensembleRun(
  { message, models, load }: EnsembleOf,
  services: Services,
  pool: RuntimePool,
): Promise<Run | undefined> {
  const family = FAMILIES.find(({ combines }) => combines !== undefined);
  const members = models.filter(({ modelType }) => family?.combines?.includes(modelType));
  if (family === undefined || members.length < LEAST_MEMBERS) return undefined;
  const { identifier, config_hash: configHash, settings } = message;
  const { type: modelType, version } = family;
  const runs = members.map(({ runId }) => runId).toSorted();
  const trainingKey = contentHash({ model_type: modelType, version, runs });
  const train = async () => {
    const [one, two, ...others] = await Promise.all(members.map((member) => memberOf(member, services)));
    if (one === undefined || two === undefined) throw new TypeError('expected two members, got fewer');
    return combineModels([one, two, ...others]);
  };
  return runOnce({ identifier, configHash, settings, modelType, trainingKey, load, train }, services, pool);
}

/** @throws FltsError run_incomplete */
async function memberOf({ runId, runName }: Candidate, { tracking }: Services): Promise<EnsembleMember> {
  const run = await tracking.getRun(runId);
  const bytes = run && (await tracking.getArtifact(run, `${runName}/model.json`));
  if (bytes === undefined)
    throw new FltsError('run_incomplete', `expected ${runName}/model.json in run ${runId}, got none`);
  return { modelType: runName, info: readModelInfo([{ path: 'model.json', bytes }]), json: bytes };
}
