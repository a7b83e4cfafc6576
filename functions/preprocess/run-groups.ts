import { rm } from 'node:fs/promises';
import { claimIdOfGroup } from '../shared/claims.ts';
import { DataError, describeError, tryTwice } from '../shared/errors.ts';
import type { PreprocessSettings } from '../shared/settings/settings.ts';
import type { Services } from '../shared/services.ts';
import { announceClaim, type StageStatus } from '../shared/status.ts';
import { createSpill, type Spill } from './columns/spill.ts';
import { loadGroupConfiguration, type Configuration, type Environment } from './configuration.ts';
import { processTables } from './process-sources.ts';
import { hashRows } from './output/rows-hash.ts';
import { runSeries } from './run-series.ts';
import { report, statusOf, type SeriesClaim } from './series.ts';
import { groupIdentifiers } from './source/group-identifier.ts';
import type { Groups } from './source/groups.ts';
import { inOrder, type ParsedRows } from './source/in-order.ts';
import { howToRead, parseSource, parseTestSource, placeOf } from './source/parse-sources.ts';
import type { Sources } from './source/sources.ts';
import { splitGroups } from './source/split-groups.ts';
import { withProgress } from './tell-progress.ts';
import { createThreads } from './threads/threads.ts';

export interface GroupedFile {
  /** Of the upload. */
  readonly claim: SeriesClaim;
  readonly sources: Sources;
  /** The file's. */
  readonly configuration: Configuration;
  /** Settings that the names of its columns stand for. */
  readonly roles: Partial<PreprocessSettings> | undefined;
  readonly environment: Environment;
  /** For temporary files. */
  readonly folder: string;
}

type Group = NonNullable<StageStatus['groups']>[number];

/** Rows of one value of GROUP_COLUMN. */
interface GroupRows {
  readonly train: ParsedRows;
  /** undefined where the test file has none of it, or there is no test file. */
  readonly test: ParsedRows | undefined;
}

/**
 * Splits a file by GROUP_COLUMN into identifiers, and runs each with a claim of its own. One that its data or settings do not allow
 * is given up for itself: the others are made nevertheless, and then the upload is given up, with their names.
 * @throws DataError groups_given_up, and what is wrong with the file as a whole; ServiceError as runSeries
 */
export async function runGroups(file: GroupedFile, services: Services): Promise<void> {
  const { claim, sources, folder } = file;
  const spill = createSpill(folder);
  try {
    const { train, test, groups } = await parseGrouped(file, spill, services);
    await removeFiles(file);
    const identifiers = groupIdentifiers(claim.identifier, groups, placeOf(sources.train));
    const waiting = [...identifiers].map(([value, identifier]) => ({
      value,
      identifier,
      claim_id: claimIdOfGroup(claim.claim_id, value),
      state: 'WAITING' as const,
    }));
    await report(claim, { state: 'RUNNING', groups: waiting }, services);
    await announceGroups(waiting, claim, services);
    const split = { train: splitGroups(train, spill), test: test && splitGroups(test, spill) };
    const ended: Group[] = [];
    const failures: string[] = [];
    let told = services.now();
    for (const group of waiting) {
      const rows = { train: split.train.get(group.value) ?? train, test: split.test?.get(group.value) };
      const failure = await runGroup({ ...file, group, column: groups.column, rows }, services);
      ended.push(
        failure === undefined
          ? { ...group, state: 'SUCCESS' }
          : { ...group, state: 'FAILED', reason: failure },
      );
      if (failure !== undefined) failures.push(failure);
      // The list is as long as there are groups: once a second is enough.
      if (services.now() - told < 1000) continue;
      told = services.now();
      await report(claim, { state: 'RUNNING', groups: [...ended, ...waiting.slice(ended.length)] }, services);
    }
    if (failures.length > 0) {
      await report(claim, { state: 'RUNNING', groups: ended }, services);
      throw givenUp(file, failures, ended.length);
    }
    await report(claim, { state: 'SUCCESS', groups: ended }, services);
    services.log.info({ event: 'preprocess_groups_finished', ...claim, groups: ended.length });
  } finally {
    spill.close();
  }
}

async function parseGrouped(
  { claim, sources, configuration }: GroupedFile,
  spill: Spill,
  services: Services,
): Promise<GroupRows & { readonly groups: Groups }> {
  const how = howToRead(configuration.preprocess);
  return withProgress(
    services,
    (figures) => statusOf(claim, { state: 'RUNNING', ...figures }, services),
    async (tell) => {
      const train = await parseSource(sources.train, how, { spill, tell });
      const { groups } = train;
      if (groups === undefined) throw new TypeError('expected a reader that groups rows');
      const place = placeOf(sources.train);
      const test =
        sources.test && (await parseTestSource(sources.test, { place, rows: train }, how, { spill, tell }));
      const other = test?.groups?.values.find((value) => !groups.values.includes(value));
      if (other === undefined || sources.test === undefined) return { train, test, groups };
      throw new DataError(
        'group_invalid',
        `expected the values of ${place} in column "${groups.column}" of ${placeOf(sources.test)}, got ${JSON.stringify(other.slice(0, 80))} besides`,
      );
    },
  );
}

/** Repeated times that are an error are told by their lines, for which the files are looked at once more. */
async function removeFiles({ sources, configuration }: GroupedFile): Promise<void> {
  if (configuration.preprocess.HANDLE_DUPLICATES === 'error') return;
  await rm(sources.train.file);
  if (sources.test !== undefined) await rm(sources.test.file);
}

async function announceGroups(
  groups: readonly Group[],
  { identifier, claimed_at }: SeriesClaim,
  services: Services,
): Promise<void> {
  for (const group of groups) {
    const claim = { ...group, claimed_at };
    await announceClaim(services.storage, claim);
    await report(
      claim,
      { state: 'WAITING', message: `waits for its turn among the groups of ${identifier}` },
      services,
    );
  }
}

interface GroupRun extends GroupedFile {
  readonly group: Group;
  readonly column: string;
  readonly rows: GroupRows;
}

/** What is wrong with the group, for the upload's error; undefined where it was made. @throws what may succeed another time */
async function runGroup(run: GroupRun, services: Services): Promise<string | undefined> {
  const { group } = run;
  const claim = { identifier: group.identifier, claim_id: group.claim_id, claimed_at: run.claim.claimed_at };
  try {
    await report(claim, { state: 'RUNNING' }, services);
    await tryTwice(() => processGroup(run, claim, services));
    return undefined;
  } catch (thrown) {
    const { retryable, ...error } = describeError(thrown);
    if (retryable) throw thrown;
    await report(claim, { state: 'FAILED', error }, services);
    services.log.warn({ event: 'group_given_up', ...claim, group: group.value, ...error });
    return `${group.identifier} (${error.code}: ${error.message})`;
  }
}

async function processGroup(run: GroupRun, claim: SeriesClaim, services: Services): Promise<void> {
  const { sources, environment, folder, column, rows } = run;
  const { value } = run.group;
  const names = { file: run.claim.identifier, group: claim.identifier };
  const loaded = await loadGroupConfiguration(services.storage, names, environment);
  const configuration = withTargets(loaded, run.roles);
  const { HANDLE_DUPLICATES: duplicates } = configuration.preprocess;
  const placed = (place: string): string => `${place} (${column} ${value})`;
  const place = placed(placeOf(sources.train));
  const test = rows.test && sources.test && { rows: rows.test, source: sources.test };
  const inputs = { train: await hashRows(rows.train), test: test ? await hashRows(test.rows) : null };
  await runSeries(
    {
      claim,
      configuration,
      inputs,
      place,
      process: async (identity) => {
        const spill = createSpill(folder);
        const helpers = createThreads();
        try {
          const tableOf = (parsed: ParsedRows) => inOrder(parsed, { duplicates }, spill);
          const read = async () => ({
            train: { place, table: await tableOf(rows.train) },
            test: test && { place: placed(placeOf(test.source)), table: await tableOf(test.rows) },
          });
          const origin = { ...sources, test: test?.source, group: { column, value } };
          const work = { ...identity, storage: services.storage, folder, spill, threads: helpers.threads };
          return await processTables(read, origin, work);
        } finally {
          await helpers.close();
          spill.close();
        }
      },
    },
    services,
  );
}

/** The targets that the column's name stands for, unless a setting names others. */
function withTargets(configuration: Configuration, roles: GroupedFile['roles']): Configuration {
  const { preprocess } = configuration;
  const { TARGET_COLUMNS = [] } = roles ?? {};
  if (preprocess.TARGET_COLUMNS.length > 0 || TARGET_COLUMNS.length === 0) return configuration;
  return { ...configuration, preprocess: { ...preprocess, TARGET_COLUMNS } };
}

/** Each failure is told in its group's status; of many, the first few here. */
function givenUp({ sources }: GroupedFile, failures: readonly string[], groups: number): DataError {
  const told = failures.slice(0, 5).join('; ');
  const more = failures.length > 5 ? `; and ${failures.length - 5} more` : '';
  return new DataError(
    'groups_given_up',
    `expected data sets of all ${groups} groups of ${placeOf(sources.train)}, got ${groups - failures.length} of them, without ${told}${more}`,
  );
}
