// `npm start`: the whole of FLTS on a laptop. Stand-ins for Kafka, S3 and MLflow (unless the environment names real
// ones), the functions on serverless-offline, then a demo on real data.
import { S3Client } from '@aws-sdk/client-s3';
import { adminToken } from './start/admin-token.ts';
import { runDemo } from './start/demo.ts';
import { startFunctions, type FunctionsProcess } from './start/functions.ts';
import { createBuckets, createTopics, declaredResources, S3_NOTIFICATIONS_TOPIC } from './start/resources.ts';
import { StartError, startSettings, type StartSettings } from './start/settings.ts';
import { startStandIns, type Services } from './start/stand-ins.ts';

// README says which Node the SDK asks for from when on; the first screen need not.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';

const startedAt = Date.now();
const stops: (() => Promise<void>)[] = [];
const print = (text: string): void => console.log(text);

async function main(): Promise<void> {
  const settings = startSettings(process.argv.slice(2), process.env);
  const { topics, buckets } = declaredResources(process.env['TOPIC_PARTITIONS']);
  const services = await startStandIns(settings);
  stops.push(() => services.close());
  Object.assign(process.env, services.environment);
  const s3 = new S3Client({ forcePathStyle: true });
  // So that no function's first message waits for a topic.
  await Promise.all([
    createTopics({ brokers: services.kafka.split(',') }, { ...topics, [S3_NOTIFICATIONS_TOPIC]: 1 }),
    createBuckets(
      s3,
      buckets.map((name) => `${settings.bucketPrefix}${name}`),
    ),
  ]);
  const admin = adminToken({ ...settings, given: process.env['ADMIN_TOKEN'] });
  const functions = await startFunctions(settings, { ADMIN_TOKEN: admin.token, ...services.environment });
  stops.push(() => functions.close());
  functions.onTrouble((line) => process.stderr.write(`${troubleLine(line)}\n`));
  announce(settings, services, functions);
  print(`admin  ${functions.url}  token in ${admin.place}`.padEnd(83) + 'see docs/threat-model.md');
  const ended = functions.ended.then((error) => Promise.reject(error));
  if (settings.demo) {
    await Promise.race([runDemo(functions, { s3, bucket: `${settings.bucketPrefix}dataset` }, print), ended]);
    if (settings.once) return stop(0);
  }
  hints(functions, admin.shell);
  await ended;
}

/** `! upload_given_up  dataset/x.csv  file_empty  expected …`: what a log line of level warn or above tells. */
function troubleLine({ event, place, identifier, code, message }: Readonly<Record<string, unknown>>): string {
  const parts = [event, place ?? identifier, code, message];
  return ['!', ...parts.filter((part) => typeof part === 'string')].join('  ').replace('!  ', '! ');
}

function announce(
  settings: StartSettings,
  { kafka, s3, mlflow }: Services,
  functions: FunctionsProcess,
): void {
  const port = (address: string): string => `:${address.split(':').at(-1)}`;
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
  const addresses = `kafka ${port(kafka)}  s3 ${port(s3)}  mlflow ${port(mlflow)}  http ${port(functions.url)}`;
  print(`flts 0.1  Node ${process.versions.node} · ${addresses}`.padEnd(83) + `ready in ${seconds} s`);
  if (!settings.demo)
    print(
      `ready\n  http    ${functions.url}\n  s3      ${s3}\n  kafka   ${kafka}\n  mlflow  ${mlflow}\n  logs    ${functions.logFile}`,
    );
}

function hints({ url, logFile }: FunctionsProcess, token: string): void {
  print(`
Try: curl -s ${url}/predict -d '{}'
     curl -T mine.csv ${url}/upload/dataset/mine.csv     then   curl -s ${url}/status/mine
     curl -sX POST ${url}/reload_latest -H "Authorization: Bearer ${token}"
     tail -f ${logFile}
     open ${url}/metrics                          stop: Ctrl-C`);
}

let stopping = false;

async function stop(code: number): Promise<void> {
  if (stopping) return;
  stopping = true;
  for (const each of stops.toReversed()) await each().catch((cause: unknown) => console.error(cause));
  process.exit(code);
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void stop(0));

main().catch(async (cause: unknown) => {
  if (stopping) return;
  console.error(cause instanceof StartError ? `${cause.code}: ${cause.message}` : cause);
  await stop(1);
});
