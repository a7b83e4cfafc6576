import type { Api } from './api.ts';
import { apiVersions } from './api-versions.ts';
import { findCoordinator, heartbeat, joinGroup, leaveGroup, syncGroup } from './coordination.ts';
import { fetch } from './fetch.ts';
import { deleteGroups, describeGroups, listGroups } from './groups-admin.ts';
import { initProducerId } from './init-producer-id.ts';
import { listOffsets } from './list-offsets.ts';
import { metadata } from './metadata.ts';
import { offsetCommit, offsetFetch } from './offsets.ts';
import { produce } from './produce.ts';
import {
  createPartitions,
  createTopics,
  deleteRecords,
  deleteTopics,
  describeConfigs,
} from './topics-admin.ts';

const ALL: readonly Api[] = [
  produce,
  fetch,
  listOffsets,
  metadata,
  offsetCommit,
  offsetFetch,
  findCoordinator,
  joinGroup,
  heartbeat,
  leaveGroup,
  syncGroup,
  describeGroups,
  listGroups,
  apiVersions(() => ALL),
  createTopics,
  deleteTopics,
  deleteRecords,
  initProducerId,
  describeConfigs,
  createPartitions,
  deleteGroups,
];

/** Every API this broker offers, by its key. The next one is a file and a line here. */
export const APIS: ReadonlyMap<number, Api> = new Map(ALL.map((api) => [api.key, api]));
