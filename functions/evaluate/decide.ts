import type { RuntimePool } from '@flts/model-runtime';
import { loadDataset } from '../shared/dataset/load.ts';
import { FltsError } from '../shared/errors.ts';
import type { ModelTraining } from '../shared/messages/schema.ts';
import type { Pointer } from '../shared/promotion.ts';
import type { Services } from '../shared/services.ts';
import { baselineRuns } from './baselines.ts';
import { readCandidate } from './candidates.ts';
import { chooseChampion, type Candidate } from './champion.ts';
import type { Decision } from './decision.ts';
import type { Marker } from './markers.ts';
import { ensembleRun } from './ensemble.ts';
import { promotionOf } from './promotion.ts';

export interface Decided {
  /** Of every expected type. */
  readonly markers: readonly Marker[];
  readonly decision: Decision;
}

/**
 * What a claim promotes: a pure function of its markers' runs, the baselines and decision.json.
 * @throws FltsError run_incomplete, runs_not_comparable
 */
export async function decide(
  message: ModelTraining,
  { markers, decision }: Decided,
  pool: RuntimePool,
  services: Services,
): Promise<Pointer> {
  const load = onceLoaded(message, services);
  const baselines = await baselineCandidates({ message, load }, pool, services);
  const finished = markers.flatMap(({ status, run_id }) =>
    status === 'SUCCESS' && run_id !== null ? [run_id] : [],
  );
  const all = await Promise.all(finished.map((runId) => readCandidate(services.tracking, runId, false)));
  const trained = comparable(message, { models: all, baselines }, services);
  const ensemble = await ensembleRun({ message, models: trained, load }, services, pool);
  const models =
    ensemble === undefined
      ? trained
      : [...trained, await readCandidate(services.tracking, ensemble.runId, false)];
  const { incumbent } = decision;
  const choice = chooseChampion({ models, baselines, gate: decision.settings.PROMOTION_GATE, incumbent });
  if (choice === undefined) {
    const got = all.map(({ modelType, evaluationHash }) => `${modelType} ${evaluationHash}`).join(', ');
    throw new FltsError(
      'runs_not_comparable',
      `expected runs of evaluation_hash ${baselines[0]?.evaluationHash}, got ${got || 'none'} for claim ${message.claim_id}`,
    );
  }
  return promotionOf({ claim: message, choice, models, baselines, incumbent });
}

type Load = () => ReturnType<typeof loadDataset>;

/** The data set, read where somebody needs it. */
function onceLoaded({ identifier, config_hash: configHash }: ModelTraining, { storage }: Services): Load {
  let dataset: ReturnType<Load> | undefined;
  return () => (dataset ??= loadDataset(storage, identifier, configHash));
}

async function baselineCandidates(
  { message, load }: { readonly message: ModelTraining; readonly load: Load },
  pool: RuntimePool,
  services: Services,
): Promise<Candidate[]> {
  const { identifier, config_hash: configHash, settings } = message;
  const runs = await baselineRuns({ identifier, configHash, settings, load }, services, pool);
  return Promise.all(runs.map(({ runId }) => readCandidate(services.tracking, runId, true)));
}

/** The models that were scored on the baselines' origins; the log names the others. */
function comparable(
  { identifier, claim_id }: ModelTraining,
  { models, baselines }: { models: readonly Candidate[]; baselines: readonly Candidate[] },
  { log }: Services,
): Candidate[] {
  return models.filter(({ modelType: model_type, runId: run_id, evaluationHash: evaluation_hash }) => {
    const same = baselines.every((baseline) => baseline.evaluationHash === evaluation_hash);
    if (!same)
      log.warn({ event: 'run_not_comparable', identifier, claim_id, model_type, run_id, evaluation_hash });
    return same;
  });
}
