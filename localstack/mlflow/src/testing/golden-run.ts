// Replays recordings one after another, making what they rest on between them.
import { DIFFERENT, TIED } from './golden-exceptions.ts';
import { BODIES, type Setup } from './golden-setup.ts';
import type { GoldenWorld } from './golden-world.ts';
import { answerHere, type Names, recordedAnswer, replay, type Recording } from './recording.ts';

/** The answer that came, and the one that should have. */
export interface Comparison {
  readonly came: unknown;
  readonly expected: unknown;
}

export async function compare(world: GoldenWorld, recording: Recording): Promise<Comparison> {
  const { uri, names, isReal } = world;
  const body = BODIES[recording.name];
  const whole = body === undefined ? recording : { ...recording, request: { ...recording.request, body } };
  const answer = await replay(uri, whole, names);
  bindCreated(names, recording, answer.bytes.toString('utf8'));
  const different = isReal ? undefined : DIFFERENT[recording.name];
  if (different?.status !== undefined) {
    const { error_code: code } = Object(JSON.parse(answer.bytes.toString('utf8')));
    return { came: [answer.status, code], expected: [different.status, different.code] };
  }
  const came = answerHere(recording, answer, names);
  if (TIED.has(recording.name))
    return { came: inOneOrder(came), expected: inOneOrder(recordedAnswer(recording)) };
  return { came, expected: without(recordedAnswer(recording), different?.without ?? []) };
}

/** What was made gets the recorded name from here on. */
export function bindCreated(names: Names, { request, response }: Recording, text: string): void {
  if (response.status !== 200 || !request.path.endsWith('/create')) return;
  const [recorded, here] = [Object(response.body), Object(JSON.parse(text))];
  if (recorded.experiment_id !== undefined && here.experiment_id !== undefined)
    names.bind(recorded.experiment_id, here.experiment_id);
  if (recorded.run === undefined || here.run === undefined) return;
  names.bind(recorded.run.info.run_id, here.run.info.run_id);
  if (Object(request.body).run_name === undefined)
    names.bind(recorded.run.info.run_name, here.run.info.run_name);
}

function inOneOrder(answer: unknown): unknown {
  const sorted = structuredClone(Object(answer));
  sorted.body.runs?.sort((a: RunAnswer, b: RunAnswer) => (a.info.run_id < b.info.run_id ? -1 : 1));
  sorted.body.files?.sort((a: FileAnswer, b: FileAnswer) => (a.path < b.path ? -1 : 1));
  return sorted;
}

interface RunAnswer {
  readonly info: { readonly run_id: string };
}

interface FileAnswer {
  readonly path: string;
}

function without(answer: unknown, metrics: readonly string[]): unknown {
  if (metrics.length === 0) return answer;
  const kept = structuredClone(Object(answer));
  const { data } = kept.body.run;
  data.metrics = data.metrics.filter(({ key }: { key: string }) => !metrics.includes(key));
  return kept;
}

export async function prepare(world: GoldenWorld, step: Setup): Promise<void> {
  const { uri, names } = world;
  const post = async (path: string, body: unknown): Promise<Record<string, unknown>> => {
    const response = await fetch(`${uri}/api/2.0/mlflow/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(names.toHere(body)),
    });
    if (!response.ok) throw new Error(`${path}: expected 200, got ${await response.text()}`);
    return Object(await response.json());
  };
  if ('experiment' in step) {
    const { experiment_id: id } = await post('experiments/create', { name: step.name });
    names.bind(step.experiment, String(id));
  } else if ('run' in step) {
    const { run } = await post('runs/create', step.body);
    names.bind(step.run, Object(run).info.run_id);
  } else if ('post' in step) await post(step.post, step.body);
  else if ('put' in step)
    await fetch(`${uri}/api/2.0/mlflow-artifacts/artifacts/${names.pathToHere(step.put)}`, {
      method: 'PUT',
      body: 'x',
    });
  else await world.stopStore();
}
