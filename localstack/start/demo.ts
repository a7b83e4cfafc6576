import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { DEMO_CONFIG, DEMO_IDENTIFIER, demoData, TEST_HOURS, type DemoData } from './demo-data.ts';
import type { FunctionsProcess } from './functions.ts';
import { progressLines, promotionLine, scoreboardLines } from './progress.ts';
import { StartError } from './settings.ts';
import { fetchStatus, type StatusView } from './status.ts';
import { createScreen, sparkline } from './view.ts';

const POLL_MS = 250;
const HORIZON = DEMO_CONFIG.OUTPUT_SEQ_LEN;
const WINDOW = DEMO_CONFIG.INPUT_SEQ_LEN;
const SHOWN_TARGET = 'departures';

export interface DatasetBucket {
  readonly s3: S3Client;
  /** Its name, with its prefix. */
  readonly bucket: string;
}

/** Uploads the demo unless its claim is on the way already, follows it to the promotion, and shows a forecast beside what came. */
export async function runDemo(
  functions: FunctionsProcess,
  dataset: DatasetBucket,
  print: (text: string) => void,
): Promise<void> {
  const data = await demoData();
  const before = await fetchStatus(functions.url, DEMO_IDENTIFIER);
  const onTheWay =
    before !== undefined && ['RUNNING', 'WAITING'].includes(before.state) && (await uploaded(dataset, data));
  print(
    `dataset/${DEMO_IDENTIFIER}.csv  4,344 hours x ${data.columns.length} columns`.padEnd(83) +
      (onTheWay ? 'on the way already' : 'uploaded'),
  );
  if (!onTheWay) await upload(dataset, data);
  const status = await follow(functions, onTheWay ? undefined : before?.claim_id);
  print('');
  print(promotionLine(status));
  for (const line of scoreboardLines(status.scoreboard ?? [], status.promoted?.run_id)) print(`  ${line}`);
  print('  score, select and test in standard deviations of the fit rows, mean over targets; * serves');
  print('');
  for (const line of await forecastLines(functions.url, data)) print(line);
}

async function uploaded({ s3, bucket }: DatasetBucket, data: DemoData): Promise<boolean> {
  const stored = await s3
    .send(new GetObjectCommand({ Bucket: bucket, Key: `${DEMO_IDENTIFIER}.csv` }))
    .catch(() => undefined);
  return (await stored?.Body?.transformToString()) === data.trainCsv;
}

/** The training file last: its upload is what starts the pipeline. */
async function upload({ s3, bucket }: DatasetBucket, data: DemoData): Promise<void> {
  const put = (key: string, body: string, type: string) =>
    s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ContentType: type }));
  await put(`${DEMO_IDENTIFIER}.config.json`, JSON.stringify(DEMO_CONFIG, null, 2), 'application/json');
  await put(`${DEMO_IDENTIFIER}_test.csv`, data.testCsv, 'text/csv');
  await put(`${DEMO_IDENTIFIER}.csv`, data.trainCsv, 'text/csv');
}

/** Draws each stage until the claim (another than `previous`) has ended. @throws StartError where it failed */
async function follow(functions: FunctionsProcess, previous: string | undefined): Promise<StatusView> {
  const screen = createScreen(process.stdout);
  for (;;) {
    const status = await fetchStatus(functions.url, DEMO_IDENTIFIER);
    if (status !== undefined && status.claim_id !== previous) {
      screen.draw(progressLines(status));
      if (status.state === 'FAILED') throw failure(status);
      if (status.promoted) {
        screen.settle();
        return status;
      }
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

function failure(status: StatusView): StartError {
  const { preprocess, train = {}, evaluate } = status.stages;
  const failed = [preprocess, ...Object.values(train), evaluate].find((stage) => stage?.error !== undefined);
  const reason =
    failed?.error === undefined ? 'without a reason' : `${failed.error.code}: ${failed.error.message}`;
  return new StartError('DEMO_FAILED', `expected the demo to end in a promotion, got FAILED, ${reason}`);
}

/** The forecast of the test file's last hours from the rows before them, beside what really came. */
async function forecastLines(url: string, data: DemoData): Promise<string[]> {
  const context = data.test.slice(TEST_HOURS - HORIZON - WINDOW, TEST_HOURS - HORIZON);
  const columns = Object.fromEntries(
    ['time', ...data.columns].map((name) => [name, context.map((row) => row[name] ?? null)]),
  );
  const body = JSON.stringify({
    identifier: DEMO_IDENTIFIER,
    index_col: 'time',
    data: columns,
    inference_length: HORIZON,
  });
  const response = await fetch(`${url}/predict`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
  const answer: unknown = await response.json();
  const predicted = predictionsOf(answer, SHOWN_TARGET);
  if (!response.ok || predicted === undefined)
    throw new StartError(
      'FORECAST_FAILED',
      `expected a forecast from POST /predict, got ${response.status} ${JSON.stringify(answer)}`,
    );
  const came = data.test.slice(-HORIZON).map((row) => Number(row[SHOWN_TARGET] ?? 0));
  const [min, max] = [Math.min(...came, ...predicted), Math.max(...came, ...predicted)];
  const label = `forecast     ${SHOWN_TARGET}, last ${HORIZON} h of the test file`;
  const mae =
    predicted.reduce((sum, value, index) => sum + Math.abs(value - (came[index] ?? value)), 0) / HORIZON;
  return [
    `${label.padEnd(58)}${sparkline(predicted, min, max)}  forecast   mean error ${mae.toFixed(0)} of ${(came.reduce((sum, value) => sum + value, 0) / HORIZON).toFixed(0)} flights an hour`,
    `${''.padEnd(58)}${sparkline(came, min, max)}  what came`,
  ];
}

function predictionsOf(answer: unknown, target: string): number[] | undefined {
  if (
    typeof answer !== 'object' ||
    answer === null ||
    !('predictions' in answer) ||
    !Array.isArray(answer.predictions)
  )
    return undefined;
  return answer.predictions.map((row: unknown) => Number(Object(row)[target]));
}
