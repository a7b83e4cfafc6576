import type { Upload } from '../shared/handlers/s3-handler.ts';
import type { Services } from '../shared/services.ts';
import { announceClaim } from '../shared/status.ts';
import { loadConfiguration, type Environment } from './configuration.ts';
import { processSources } from './process-sources.ts';
import { runGroups } from './run-groups.ts';
import { runSeries } from './run-series.ts';
import { report, type SeriesClaim } from './series.ts';
import { rolesByName } from './source/long-file.ts';
import { placeOf } from './source/parse-sources.ts';
import { fetchSources } from './source/sources.ts';
import { datasetUpload, testUploadWaitsFor, type ClaimedUpload } from './source/uploads.ts';
import { inTemporaryFolder } from './temporary-folder.ts';

interface Job {
  readonly identifier: string;
  readonly upload: Upload;
  readonly services: Services;
  readonly environment: Environment;
}

/**
 * Turns an uploaded data set into processed files of its content's hash (or finds them) and publishes its claims; with
 * GROUP_COLUMN, into those of several identifiers.
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
    await report(claimOf(job), { state: 'WAITING', message }, services);
    services.log.info({ event: 'preprocess_waits', ...claimOf(job), message });
    return;
  }
  await report(claimOf(job), { state: 'RUNNING' }, services);
  await inTemporaryFolder((folder) => run(job, folder));
}

async function run(job: Job, folder: string): Promise<void> {
  const { identifier, services, environment } = job;
  const { storage } = services;
  const claim = claimOf(job);
  const configuration = await loadConfiguration(storage, identifier, environment);
  const { ENCODING: encoding } = configuration.preprocess;
  const sources = await fetchSources(storage, claimedUpload(job), { folder, encoding });
  const roles = await rolesByName(sources.train, configuration.preprocess);
  if (roles !== undefined || configuration.preprocess.GROUP_COLUMN !== '') {
    const grouped = { ...configuration, preprocess: { ...configuration.preprocess, ...roles } };
    return runGroups({ claim, sources, configuration: grouped, roles, environment, folder }, services);
  }
  return runSeries(
    {
      claim,
      configuration,
      inputs: { train: sources.train.sha256, test: sources.test?.sha256 ?? null },
      place: placeOf(sources.train),
      process: (identity) => processSources(sources, { ...identity, storage, folder }),
    },
    services,
  );
}

function claimOf({ identifier, upload }: Job): SeriesClaim {
  return { identifier, claim_id: upload.claimId, claimed_at: upload.claimedAt };
}

function claimedUpload(job: Job): ClaimedUpload {
  return { ...claimOf(job), key: job.upload.key };
}
