import { CODES } from '../errors.ts';
import { NODE_ID, type Api } from './api.ts';

const MIN_SESSION_MS = 1000;
const MAX_SESSION_MS = 1_800_000;

/** This node coordinates every group. */
export const findCoordinator: Api = {
  key: 10,
  min: 0,
  max: 2,
  handle: (reader, writer, state, { version }) => {
    reader.string();
    if (version >= 1) writer.int32(0);
    writer.int16(CODES.NONE);
    if (version >= 1) writer.string(null);
    writer.int32(NODE_ID).string(state.advertised.host).int32(state.advertised.port);
  },
};

export const joinGroup: Api = {
  key: 11,
  min: 5,
  max: 5,
  handle: async (reader, writer, state, { clientId, host }) => {
    const groupId = reader.string();
    const [sessionTimeoutMs, rebalanceTimeoutMs] = [reader.int32(), reader.int32()];
    const [memberId, instanceId, protocolType] = [reader.string(), reader.nullableString(), reader.string()];
    const protocols = reader.array(() => ({ name: reader.string(), metadata: reader.bytes() }));
    const code =
      groupId === ''
        ? CODES.INVALID_GROUP_ID
        : sessionTimeoutMs < MIN_SESSION_MS || sessionTimeoutMs > MAX_SESSION_MS
          ? CODES.INVALID_SESSION_TIMEOUT
          : CODES.NONE;
    const answer =
      code === CODES.NONE
        ? await state.group(groupId).join({
            memberId,
            instanceId,
            clientId,
            host,
            sessionTimeoutMs,
            rebalanceTimeoutMs,
            protocolType,
            protocols,
          })
        : { code, generation: -1, protocol: '', leader: '', memberId, members: [] };
    writer
      .int32(0)
      .int16(answer.code)
      .int32(answer.generation)
      .string(answer.protocol)
      .string(answer.leader)
      .string(answer.memberId);
    writer.array(answer.members, (member) =>
      writer.string(member.memberId).string(member.instanceId).bytes(member.metadata),
    );
  },
};

export const syncGroup: Api = {
  key: 14,
  min: 3,
  max: 3,
  handle: async (reader, writer, state) => {
    const [groupId, generation, memberId] = [reader.string(), reader.int32(), reader.string()];
    reader.nullableString();
    const assignments = reader.array(() => ({
      memberId: reader.string(),
      assignment: Buffer.from(reader.bytes()),
    }));
    const group = state.groups.get(groupId);
    const { code, assignment } = (await group?.sync(memberId, generation, assignments)) ?? {
      code: CODES.UNKNOWN_MEMBER_ID,
      assignment: Buffer.alloc(0),
    };
    writer.int32(0).int16(code).bytes(assignment);
  },
};

export const heartbeat: Api = {
  key: 12,
  min: 3,
  max: 3,
  handle: (reader, writer, state) => {
    const [groupId, generation, memberId] = [reader.string(), reader.int32(), reader.string()];
    const code = state.groups.get(groupId)?.heartbeat(memberId, generation);
    writer.int32(0).int16(code ?? CODES.UNKNOWN_MEMBER_ID);
  },
};

export const leaveGroup: Api = {
  key: 13,
  min: 1,
  max: 3,
  handle: (reader, writer, state, { version }) => {
    const group = state.groups.get(reader.string());
    const leave = (memberId: string): number => group?.leave(memberId) ?? CODES.UNKNOWN_MEMBER_ID;
    if (version < 3) {
      writer.int32(0).int16(leave(reader.string()));
      return;
    }
    const members = reader.array(() => ({ memberId: reader.string(), instanceId: reader.nullableString() }));
    writer.int32(0).int16(CODES.NONE);
    writer.array(members, ({ memberId, instanceId }) =>
      writer.string(memberId).string(instanceId).int16(leave(memberId)),
    );
  },
};
