import { BUCKETS } from '../shared/topics.ts';
import type { Trace, TracedSource } from './trace.ts';

const LABEL_WIDTH = 11;

/** The chain, a line each, from the source to the predictions. */
export function linesOf(trace: Trace): string[] {
  const { identifier, configHash } = trace.place;
  return [
    ...labelled('identifier', [identifier]),
    ...labelled('source', trace.sources.map(sourceLine)),
    ...labelled('config', [configHash, ...settingLines(trace.meta.config)]),
    ...labelled('parquet', parquetLines(trace)),
    ...labelled('runs', trace.runs.map(runLine)),
    ...labelled('promotions', trace.promotions.map(promotionLine)),
    ...labelled('predictions', trace.predictions.map(predictionLine)),
  ];
}

function labelled(label: string, lines: readonly string[]): string[] {
  return (lines.length === 0 ? ['none'] : lines).map(
    (line, index) => `${(index === 0 ? label : '').padEnd(LABEL_WIDTH)}  ${line}`,
  );
}

function sourceLine({ place, etag, size, etagNow }: TracedSource): string {
  const now = etagNow === undefined ? 'gone' : etagNow === etag ? 'still there' : `now ${etagNow}`;
  return `${place}  etag ${etag}  ${size} bytes  (${now})`;
}

/** The hashed object's own words: inputs, then each setting. */
function settingLines(config: Readonly<Record<string, unknown>>): string[] {
  const { settings, ...rest } = config;
  const pairs = (value: unknown): string[] =>
    typeof value === 'object' && value !== null
      ? Object.entries(value).map(([name, each]) => `${name}=${JSON.stringify(each)}`)
      : [];
  return [pairs(rest).join(' '), pairs(settings).join(' ')];
}

function parquetLines({ parquet, meta }: Trace): string[] {
  const files = parquet.map(({ key, object }) =>
    object === undefined
      ? `${BUCKETS.processed}/${key}  (gone)`
      : `${BUCKETS.processed}/${key}  etag ${object.etag}  ${object.size} bytes`,
  );
  return [...files, `data_hash ${meta.data_hash}  ${meta.rows.train} + ${meta.rows.test} rows`];
}

function runLine({ runId, run }: Trace['runs'][number]): string {
  if (run === undefined) return `${runId}  (gone from MLflow)`;
  const scores = ['select_score', 'test_score']
    .filter((name) => run.metrics[name] !== undefined)
    .map((name) => `  ${name} ${run.metrics[name]}`);
  return `${runId}  ${run.runName}  ${run.status}${scores.join('')}`;
}

function promotionLine({ key, promotion, current }: Trace['promotions'][number]): string {
  const { promotion_id, run_id, model_type, reason } = promotion;
  return (
    `${BUCKETS.promotion}/${key}  ${model_type}  run ${run_id}  ${reason}  ` +
    `promotion ${promotion_id}${current ? '  (current)' : ''}`
  );
}

function predictionLine({ key, lineNumber, line }: Trace['predictions'][number]): string {
  const { run_id, model_type, metrics, promoted } = line;
  return (
    `${BUCKETS.inferenceLogs}/${key}:${lineNumber}  ${model_type}  run ${run_id}  ${metrics.rows_predicted} rows  ` +
    `prediction ${metrics.prediction_hash}${promoted ? '' : '  (not promoted)'}`
  );
}
