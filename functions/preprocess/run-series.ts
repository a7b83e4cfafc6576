import { settingsForRows } from '../shared/runs/model-types.ts';
import type { Services } from '../shared/services.ts';
import { configHash, hashedConfig, type Configuration, type Inputs } from './configuration.ts';
import { copyNewestPair, findDataset, type StoredDataset } from './output/store.ts';
import type { Tell } from './progress.ts';
import { publishClaim } from './publish.ts';
import { report, statusOf, type SeriesClaim } from './series.ts';
import { settingsInEffect } from './settings-in-effect.ts';
import { requireRows } from './steps/segments.ts';
import { withProgress } from './tell-progress.ts';

/** What processing is told of the data set that it makes. */
export interface DatasetIdentity {
  readonly identifier: string;
  readonly hash: string;
  /** The canonical object that `hash` is the hash of. */
  readonly config: Record<string, unknown>;
  /** As it acts on these inputs. */
  readonly configuration: Configuration;
  readonly tell: Tell;
}

export interface Series {
  readonly claim: SeriesClaim;
  readonly configuration: Configuration;
  readonly inputs: Inputs;
  /** How errors call its rows. */
  readonly place: string;
  readonly process: (identity: DatasetIdentity) => Promise<StoredDataset>;
}

/**
 * Makes the data set of one identifier, or finds it where its content and settings were processed before, and publishes its claims.
 * Nothing is published, and no meta.json written, where a step fails.
 */
export async function runSeries(series: Series, services: Services): Promise<void> {
  const { claim, inputs, place } = series;
  const { identifier } = claim;
  const { storage, publisher, log, now } = services;
  const preprocess = settingsInEffect(series.configuration.preprocess, inputs.test !== null);
  const configuration = { ...series.configuration, preprocess };
  const config = hashedConfig(inputs, preprocess);
  const hash = configHash(config);
  const found = configuration.force ? undefined : await findDataset(storage, identifier, hash);
  if (found !== undefined) requireRows(found.meta, configuration.claim, place);
  const dataset =
    found ??
    (await withProgress(
      services,
      (figures) => statusOf(claim, { state: 'RUNNING', config_hash: hash, ...figures }, services),
      (tell) => series.process({ identifier, hash, config, configuration, tell }),
    ));
  await copyNewestPair(storage, { identifier, configHash: hash, isNew: found === undefined });
  const settings = settingsForRows(configuration.claim, dataset.meta);
  const content = { sizes: dataset.sizes, settings };
  await publishClaim(publisher, { ...claim, config_hash: hash }, content, now);
  const { meta, warnings } = dataset;
  const { rows } = meta;
  const reused = found !== undefined;
  const done = {
    state: 'SUCCESS',
    config_hash: hash,
    reused,
    rows: { train: rows.train, test: rows.test },
    expected_model_types: settings.EXPECTED_MODEL_TYPES,
    ...(warnings.length === 0 ? {} : { warnings: [...warnings] }),
  } as const;
  for (const warning of warnings) log.warn({ event: 'data_warning', ...claim, message: warning });
  await report(claim, done, services);
  log.info({ event: 'preprocess_finished', ...claim, config_hash: hash, reused, rows });
}
