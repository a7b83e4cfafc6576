import { bar, figure, table } from './view.ts';
import type { ScoreboardRow, StageView, StatusView } from './status.ts';

/** A line a stage, as far as the claim has come. */
export function progressLines(status: StatusView): string[] {
  const { preprocess, train = {}, evaluate } = status.stages;
  const types = Object.keys(train).toSorted();
  const hash = status.config_hash ? `config ${status.config_hash.slice(0, 6)}…` : '';
  return [
    line('preprocess', preprocess, [
      preprocess?.rows === undefined
        ? portions(preprocess)
        : `${preprocess.rows.train.toLocaleString('en')} + ${preprocess.rows.test.toLocaleString('en')} rows`,
      hash,
    ]),
    ...types.map((type) => line(`train ${type}`, train[type], epochs(train[type]))),
    line('evaluate', evaluate, [
      evaluate?.state === 'SUCCESS' && status.promoted
        ? `${status.promoted.model_type} promoted`
        : (evaluate?.message ?? ''),
    ]),
  ];
}

function line(name: string, stage: StageView | undefined, details: readonly string[]): string {
  const state = stage?.state ?? 'WAITING';
  const error = stage?.error === undefined ? [] : [`${stage.error.code}: ${stage.error.message}`];
  const reused = stage?.reused === true ? ['reused'] : [];
  const shown = state === 'RUNNING' || state === 'SUCCESS' ? [] : [state.toLowerCase()];
  return [
    name.padEnd(15),
    bar(share(stage)),
    ...shown,
    ...details.filter((detail) => detail !== ''),
    ...reused,
    ...error,
  ].join('  ');
}

function share(stage: StageView | undefined): number {
  if (stage?.state === 'SUCCESS') return 1;
  if (stage?.share !== undefined) return stage.share;
  if (stage?.epoch === undefined || stage.epochs === undefined) return 0;
  return (stage.epoch + batchShare(stage)) / stage.epochs;
}

/** Of the epoch that is under way; a finished one counts with `epoch`. */
function batchShare({ batch = 0, batches = 0 }: StageView): number {
  return batch < batches ? batch / batches : 0;
}

function epochs(stage: StageView | undefined): string[] {
  if (stage?.state !== 'RUNNING' || stage.epoch === undefined || stage.epochs === undefined) return [];
  const losses = stage.loss === null || stage.loss === undefined ? [] : [`loss ${figure(stage.loss)}`];
  const validation =
    stage.val_loss === null || stage.val_loss === undefined ? [] : [`validate ${figure(stage.val_loss)}`];
  const batch = batchShare(stage) === 0 ? [] : [`batch ${stage.batch}/${stage.batches}`];
  const begun = stage.epoch > 0 || batch.length > 0;
  const speed = stage.rows_per_second ? [`${figureOf(stage.rows_per_second)} rows/s`] : [];
  const eta = stage.eta_s === undefined || !begun ? [] : [`ETA ${Math.ceil(stage.eta_s)} s`];
  return [`epoch ${stage.epoch}/${stage.epochs}`, ...batch, ...losses, ...validation, ...speed, ...eta];
}

/** What preprocess is at, as `read  120,000 rows/s  ETA 12 s`. */
function portions(stage: StageView | undefined): string {
  if (stage?.state !== 'RUNNING' || stage.share === undefined) return '';
  const speed = stage.rows_per_second ? [`${figureOf(stage.rows_per_second)} rows/s`] : [];
  const eta = stage.eta_s === undefined ? [] : [`ETA ${Math.ceil(stage.eta_s)} s`];
  return [stage.message ?? '', ...speed, ...eta].join('  ');
}

const figureOf = (number: number): string => Math.round(number).toLocaleString('en');

/** The scoreboard: each model beside the baselines; score and select decided, test is reported. */
export function scoreboardLines(rows: readonly ScoreboardRow[], promotedRun: string | undefined): string[] {
  const header = ['model', 'score', 'select rmse', 'test score', 'test rmse', 'test mae', 'run'];
  const cells = rows.map((row) => [
    `${row.run_id === promotedRun ? '* ' : '  '}${row.model_type}`,
    figure(row.select.score),
    figure(row.select.rmse),
    figure(row.test.score),
    figure(row.test.rmse),
    figure(row.test.mae),
    row.run_id.slice(0, 8),
  ]);
  return table([['  ' + header[0], ...header.slice(1)], ...cells]);
}

/** `GRU promoted: score .214, 31% below SEASONAL_NAIVE`, in the terms of the reason. */
export function promotionLine(status: StatusView): string {
  const { promoted, scoreboard = [] } = status;
  if (!promoted) return 'nothing promoted';
  const baseline = scoreboard
    .filter((row) => row.baseline)
    .toSorted((a, b) => a.select.score - b.select.score)[0];
  const winner = scoreboard.find((row) => row.run_id === promoted.run_id);
  const against =
    baseline === undefined || winner === undefined || winner.baseline
      ? promoted.reason
      : `${((1 - winner.select.score / baseline.select.score) * 100).toFixed(0)}% below ${baseline.model_type}, the best baseline`;
  return `${promoted.model_type} promoted: score ${figure(promoted.score)}, ${against}`;
}
