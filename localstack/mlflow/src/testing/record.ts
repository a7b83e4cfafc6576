// `npm run record:mlflow`: sends the requests of own-recordings.json to the MLflow that MLFLOW_TRACKING_URI names, and
// stores its answers beside them. To add one, write its request, and of its answer the ids that later requests use.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bindCreated } from './golden-run.ts';
import { realWorld } from './golden-world.ts';
import { CLOCK, replay, type Answer, type Names, type Recording } from './recording.ts';

const FILE = join('localstack', 'mlflow', 'src', 'testing', 'own-recordings.json');

async function record(uri: string): Promise<void> {
  const { names } = await realWorld(uri);
  const recordings: Recording[] = JSON.parse(readFileSync(FILE, 'utf8'));
  const recorded: Recording[] = [];
  for (const recording of recordings) {
    const answer = await replay(uri, recording, names);
    bindCreated(names, recording, answer.bytes.toString('utf8'));
    recorded.push({ ...recording, response: responseOf(answer, names) });
  }
  writeFileSync(FILE, `${JSON.stringify(recorded, null, 2)}\n`);
  console.log(`${FILE}: ${recorded.length} answers of ${uri}; npx prettier --write it`);
}

/** In the recordings' ids. Pages for people are left out. */
function responseOf({ status, type, bytes }: Answer, names: Names): Recording['response'] {
  const text = bytes.toString('utf8');
  if (type.startsWith('application/json'))
    return { status, body: steady(names.toRecorded(JSON.parse(text))) };
  return { status, bodyText: status >= 400 ? '' : text };
}

/** Without times, and without the messages of errors, in which anything may be. */
function steady(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(steady);
  if (typeof value !== 'object' || value === null) return value;
  const kept = 'error_code' in value ? { ...value, message: '' } : value;
  return Object.fromEntries(
    Object.entries(kept).map(([key, item]) => [key, CLOCK.has(key) ? 0 : steady(item)]),
  );
}

const uri = process.env['MLFLOW_TRACKING_URI'];
if (uri === undefined)
  throw new Error('MLFLOW_TRACKING_URI: expected the address of a real MLflow, got nothing');
await record(uri);
