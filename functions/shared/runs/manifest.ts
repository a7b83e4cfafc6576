import type { HalfWidths } from '@flts/model-runtime';
import { z } from 'zod';
import { FltsError } from '../errors.ts';
import { sha256 } from '../hash.ts';
import type { Run, Tracking } from '../tracking/tracking.ts';

export const MANIFEST_PATH = 'manifest.json';

/** Every artifact of a run; stored last, so that its presence means that they are complete. */
export const manifest = z.object({
  v: z.literal(1),
  training_key: z.string(),
  /** By level, target and step: half the width of the interval, original units; absent in runs of before. */
  intervals: z.record(z.string(), z.record(z.string(), z.array(z.number().nullable()))).optional(),
  files: z.array(z.object({ path: z.string(), size: z.number().int(), sha256: z.string() })),
});
export type Manifest = z.infer<typeof manifest>;

export interface Artifact {
  readonly path: string;
  readonly bytes: Uint8Array;
}

export interface RunArtifacts {
  readonly trainingKey: string;
  readonly artifacts: readonly Artifact[];
  readonly intervals?: HalfWidths;
}

/** Stores the artifacts, then the manifest that names them. */
export async function storeArtifacts(
  tracking: Tracking,
  run: Run,
  { trainingKey, artifacts, intervals }: RunArtifacts,
): Promise<void> {
  for (const { path, bytes } of artifacts) await tracking.putArtifact(run, path, bytes);
  const files = artifacts
    .map(({ path, bytes }) => ({ path, size: bytes.length, sha256: sha256(bytes) }))
    .toSorted((a, b) => (a.path < b.path ? -1 : 1));
  const body = { v: 1, training_key: trainingKey, ...(intervals && { intervals }), files };
  await tracking.putArtifact(run, MANIFEST_PATH, JSON.stringify(body));
}

/** undefined where the run has none. @throws FltsError run_incomplete where it cannot be read */
export async function readManifest(tracking: Tracking, run: Run): Promise<Manifest | undefined> {
  const bytes = await tracking.getArtifact(run, MANIFEST_PATH);
  if (bytes === undefined) return undefined;
  try {
    return manifest.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
  } catch (cause) {
    throw new FltsError(
      'run_incomplete',
      `expected a manifest in run ${run.runId}, got ${bytes.length} unreadable bytes`,
      { cause },
    );
  }
}

/** The earliest FINISHED run with a manifest among `runs` (oldest first). */
export async function earliestComplete(tracking: Tracking, runs: readonly Run[]): Promise<Run | undefined> {
  for (const run of runs) {
    if ((await readManifest(tracking, run)) !== undefined) return run;
  }
  return undefined;
}
