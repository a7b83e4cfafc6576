import type { Upload } from '../shared/handlers/s3-handler.ts';
import type { Services } from '../shared/services.ts';
import { announceClaim, writeStatus, type StageStatus } from '../shared/status.ts';
import {
  configHash,
  hashedConfig,
  loadConfiguration,
  type Configuration,
  type Environment,
} from './configuration.ts';
import { processSources } from './process-sources.ts';
import { publishClaim } from './publish.ts';
import { settingsInEffect } from './settings-in-effect.ts';
import { withProgress } from './tell-progress.ts';
import { inTemporaryFolder } from './temporary-folder.ts';
import { requireRows } from './steps/segments.ts';
import { fetchSources, type Sources } from './source/sources.ts';
import { copyNewestPair, findDataset } from './output/store.ts';
import { datasetUpload, testUploadWaitsFor, type ClaimedUpload } from './source/uploads.ts';

interface Job {
  readonly identifier: string;
  readonly upload: Upload;
  readonly services: Services;
  readonly environment: Environment;
}

/**
 * Turns an uploaded data set into processed files of its content's hash (or finds them) and publishes its claims.
 * Nothing is published, and no meta.json written, where a step fails.
 * @throws DataError what is wrong with the upload, with the place; ServiceError where another attempt may succeed
 */
export async function preprocess(
  upload: Upload,
  services: Services,
  environment: Environment,
): Promise<void> {
  const { identifier, kind } = datasetUpload(upload);
  if (kind === 'config') {
    services.log.info({ event: 'settings_stored', identifier, key: upload.key });
    return;
  }
  const job: Job = { identifier, upload, services, environment };
  await announceClaim(services.storage, claimOf(job));
  const missing =
    kind === 'test' ? await testUploadWaitsFor(services.storage, claimedUpload(job)) : undefined;
  if (missing !== undefined) {
    const message = `waits for ${missing}`;
    await report(job, { state: 'WAITING', message });
    services.log.info({ event: 'preprocess_waits', ...claimOf(job), message });
    return;
  }
  await report(job, { state: 'RUNNING' });
  await inTemporaryFolder((folder) => run(job, folder));
}

async function run(job: Job, folder: string): Promise<void> {
  const { identifier, services } = job;
  const { storage, publisher, log, now } = services;
  const sources = await fetchSources(storage, claimedUpload(job), folder);
  const settings = await configurationFor(job, sources);
  const inputs = { train: sources.train.sha256, test: sources.test?.sha256 ?? null };
  const config = hashedConfig(inputs, settings.preprocess);
  const hash = configHash(config);
  const place = `${sources.train.bucket}/${sources.train.key}`;
  const found = settings.force ? undefined : await findDataset(storage, identifier, hash);
  if (found !== undefined) requireRows(found.meta, settings.claim, place);
  const dataset =
    found ??
    (await withProgress(
      services,
      (figures) => statusOf(job, { state: 'RUNNING', config_hash: hash, ...figures }),
      (tell) =>
        processSources(sources, { folder, tell, storage, identifier, hash, config, configuration: settings }),
    ));
  await copyNewestPair(storage, identifier, hash);
  await publishClaim(
    publisher,
    { ...claimOf(job), config_hash: hash },
    { sizes: dataset.sizes, settings: settings.claim },
    now,
  );
  const { rows } = dataset.meta;
  const reused = found !== undefined;
  await report(job, {
    state: 'SUCCESS',
    config_hash: hash,
    reused,
    rows: { train: rows.train, test: rows.test },
    expected_model_types: settings.claim.EXPECTED_MODEL_TYPES,
  });
  log.info({ event: 'preprocess_finished', ...claimOf(job), config_hash: hash, reused, rows });
}

/** As it acts on these files. */
async function configurationFor(job: Job, { test }: Sources): Promise<Configuration> {
  const loaded = await loadConfiguration(job.services.storage, job.identifier, job.environment);
  return { ...loaded, preprocess: settingsInEffect(loaded.preprocess, test !== undefined) };
}

function claimOf({ identifier, upload }: Job): { identifier: string; claim_id: string; claimed_at: string } {
  return { identifier, claim_id: upload.claimId, claimed_at: upload.claimedAt };
}

function claimedUpload(job: Job): ClaimedUpload {
  return { ...claimOf(job), key: job.upload.key };
}

async function report(job: Job, fields: StatusFields): Promise<void> {
  await writeStatus(job.services.storage, statusOf(job, fields));
}

type StatusFields = Partial<StageStatus> & Pick<StageStatus, 'state'>;

function statusOf(job: Job, fields: StatusFields): StageStatus {
  const updated_at = new Date(job.services.now()).toISOString();
  return { ...claimOf(job), config_hash: null, stage: 'preprocess', updated_at, ...fields };
}
