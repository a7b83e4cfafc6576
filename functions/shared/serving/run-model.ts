import {
  inputNames,
  parseScaler,
  readModelInfo,
  type HalfWidths,
  type ModelFile,
  type ModelInfo,
  type Scaler,
} from '@flts/model-runtime';
import { FltsError } from '../errors.ts';
import { sha256 } from '../hash.ts';
import { HORIZON_PARAM } from '../runs/complete-run.ts';
import { readManifest, type Manifest } from '../runs/manifest.ts';
import type { Run, Tracking } from '../tracking/tracking.ts';

/** A finished run's model and scaler, all that a forecast needs. */
export interface RunModel {
  readonly runId: string;
  /** = run_name. */
  readonly modelType: string;
  /** The model folder, checked against the run's manifest where it has one. */
  readonly files: readonly ModelFile[];
  readonly scaler: Scaler;
  readonly info: ModelInfo;
  /** Steps that the model was trained and scored on; how many are forecast where nobody asks for another number. */
  readonly horizon: number;
  /** Of the run's levels; empty where the run is older than intervals. */
  readonly halfWidths: HalfWidths;
}

/**
 * Loads `runs:/<run_id>/<run_name>`, else `runs:/<run_id>/model`, and `scaler/*.json`, else a root artifact with
 * `scaler` in its name. Nothing of it is executed.
 * @throws FltsError model_load_failed (run or files gone or damaged), scaler_not_found, feature_count_mismatch
 */
export async function loadRunModel(tracking: Tracking, runId: string, runName: string): Promise<RunModel> {
  const run = await tracking.getRun(runId);
  if (run === undefined || run.deleted)
    throw new FltsError('model_load_failed', `expected run ${runId}, got none`);
  const manifest = await readManifest(tracking, run);
  const files = await modelFiles(tracking, run, { runName, manifest });
  const scaler = parseScaler(parseJson(await scalerBytes(tracking, run), `the scaler of run ${runId}`));
  const info = readModelInfo(files);
  const unscaled = inputNames(info.roles).filter((name) => scaler.columns[name] === undefined);
  if (unscaled.length > 0)
    throw new FltsError(
      'feature_count_mismatch',
      `expected a scaler of the ${inputNames(info.roles).length} inputs of run ${runId}, got one without ${unscaled.join(', ')}`,
    );
  const horizon = info.horizon ?? Number(run.params[HORIZON_PARAM] ?? 1);
  const halfWidths = manifest?.intervals ?? {};
  return { runId, modelType: info.modelType, files, scaler, info, horizon, halfWidths };
}

async function modelFiles(
  tracking: Tracking,
  run: Run,
  { runName, manifest }: { runName: string; manifest: Manifest | undefined },
): Promise<ModelFile[]> {
  for (const folder of [runName, 'model']) {
    const listed = (await tracking.listArtifacts(run, folder)).filter(({ isFolder }) => !isFolder);
    if (!listed.some(({ path }) => path === `${folder}/model.json`)) continue;
    const files: ModelFile[] = [];
    for (const { path } of listed) {
      const bytes = await tracking.getArtifact(run, path);
      if (bytes === undefined)
        throw new FltsError('model_load_failed', `expected ${path} in run ${run.runId}, got none`);
      checkDigest(path, bytes, run, manifest);
      files.push({ path: path.slice(folder.length + 1), bytes });
    }
    return files;
  }
  throw new FltsError(
    'model_load_failed',
    `expected model.json in ${runName}/ or model/ of run ${run.runId}, got neither`,
  );
}

function checkDigest(path: string, bytes: Uint8Array, run: Run, manifest: Manifest | undefined): void {
  const expected = manifest?.files.find((file) => file.path === path);
  if (expected === undefined || expected.sha256 === sha256(bytes)) return;
  throw new FltsError(
    'model_load_failed',
    `expected ${path} of run ${run.runId} as its manifest says (SHA-256 ${expected.sha256}), got ${sha256(bytes)}`,
  );
}

async function scalerBytes(tracking: Tracking, run: Run): Promise<Uint8Array> {
  const inFolder = (await tracking.listArtifacts(run, 'scaler')).map(({ path }) => path);
  const atRoot = (await tracking.listArtifacts(run, ''))
    .filter(({ isFolder }) => !isFolder)
    .map(({ path }) => path);
  const path =
    inFolder.find((each) => each.endsWith('.json')) ?? atRoot.find((each) => each.includes('scaler'));
  const bytes = path === undefined ? undefined : await tracking.getArtifact(run, path);
  if (bytes !== undefined) return bytes;
  throw new FltsError(
    'scaler_not_found',
    `expected scaler/*.json, or an artifact with scaler in its name, in run ${run.runId}, got ${atRoot.join(', ') || 'no file'}`,
  );
}

function parseJson(bytes: Uint8Array, what: string): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch (cause) {
    throw new FltsError('model_load_failed', `expected JSON in ${what}, got ${bytes.length} bytes of other`, {
      cause,
    });
  }
}
