import type { StageStatus } from '../shared/status.ts';
import { STAGES } from '../stages.ts';
import { overallState, type State } from './overall-state.ts';

/** What a stage tells of itself, without what the whole answer says once. */
export type StageView = Omit<
  StageStatus,
  | 'identifier'
  | 'claim_id'
  | 'claimed_at'
  | 'config_hash'
  | 'stage'
  | 'model_type'
  | 'updated_at'
  | 'scoreboard'
  | 'warnings'
> & { readonly updated_at?: string };

export interface DeadLetterView {
  readonly stage: StageStatus['stage'];
  readonly model_type?: string;
  readonly topic: string;
  readonly partition?: number | undefined;
  readonly offset?: string | undefined;
  readonly error?: StageStatus['error'];
}

/** The answer of GET /status/{identifier}. */
export interface ClaimStatus {
  readonly identifier: string;
  readonly claim_id: string;
  readonly claimed_at: string;
  readonly config_hash: string | null;
  readonly state: State;
  /** Of the newest report. */
  readonly updated_at: string;
  /** By the name of each stage that reports; of one that reports each model type by itself, by model type. */
  readonly stages: Readonly<Record<string, StageView | Readonly<Record<string, StageView>>>>;
  /** What preprocess found that whoever uploaded the file should look at. */
  readonly warnings: readonly string[];
  readonly promoted: StageStatus['promoted'] | null;
  readonly scoreboard?: StageStatus['scoreboard'];
  /** Where the records lie that stages gave up. */
  readonly dlq: readonly DeadLetterView[];
}

/** Merges the reports of one claim's stages, of which there is at least one. */
export function claimStatus(reports: readonly [StageStatus, ...StageStatus[]]): ClaimStatus {
  const [{ identifier, claim_id, claimed_at }] = reports;
  const of = (stage: StageStatus['stage']): StageStatus | undefined =>
    reports.find((report) => report.stage === stage);
  const [preprocess, evaluate] = [of('preprocess'), of('evaluate')];
  const isSplit = preprocess?.groups !== undefined;
  const stopped = isSplit || preprocess?.state === 'FAILED' || preprocess?.state === 'SKIPPED';
  const rest: StageView = { state: stopped ? 'SKIPPED' : 'WAITING' };
  const train = trainStages(reports, preprocess?.expected_model_types ?? [], rest);
  const { scoreboard } = evaluate ?? {};
  return {
    identifier,
    claim_id,
    claimed_at,
    config_hash: reports.find(({ config_hash }) => config_hash !== null)?.config_hash ?? null,
    state: overallState({
      preprocess: preprocess?.state,
      isSplit,
      train: Object.values(train).map(({ state }) => state),
      evaluate: evaluate?.state,
    }),
    updated_at: reports.map(({ updated_at }) => updated_at).reduce((a, b) => (a > b ? a : b)),
    stages: Object.fromEntries(
      STAGES.filter(({ reports: kind }) => kind !== undefined).map(
        ({ name, reports: kind, takesUploads }) => {
          const report = of(name);
          const notBegun: StageView = takesUploads === true ? { state: 'WAITING' } : rest;
          const view = report === undefined ? notBegun : viewOf(report);
          return [name, kind === 'a model type' ? train : view];
        },
      ),
    ),
    warnings: preprocess?.warnings ?? [],
    promoted: evaluate?.promoted ?? null,
    ...(scoreboard === undefined ? {} : { scoreboard }),
    dlq: reports.flatMap(deadLetters),
  };
}

/** The expected trainers in their order, whether begun or not, then any other that reports. */
function trainStages(
  reports: readonly StageStatus[],
  expected: readonly string[],
  notBegun: StageView,
): Record<string, StageView> {
  const stages: Record<string, StageView> = Object.fromEntries(expected.map((type) => [type, notBegun]));
  for (const report of reports) {
    if (report.stage === 'train' && report.model_type !== undefined)
      stages[report.model_type] = viewOf(report);
  }
  return stages;
}

function viewOf(report: StageStatus): StageView {
  const {
    identifier: _identifier,
    claim_id: _claimId,
    claimed_at: _claimedAt,
    config_hash: _configHash,
    stage: _stage,
    model_type: _modelType,
    scoreboard: _scoreboard,
    warnings: _warnings,
    ...view
  } = report;
  return view;
}

function deadLetters({ stage, model_type, dlq, error }: StageStatus): DeadLetterView[] {
  if (dlq === undefined) return [];
  const type = model_type === undefined ? {} : { model_type };
  return [{ stage, ...type, ...dlq, ...(error === undefined ? {} : { error }) }];
}
