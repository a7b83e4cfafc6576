import { CODES } from '../errors.ts';
import type { Api } from './api.ts';

export const describeGroups: Api = {
  key: 15,
  min: 0,
  max: 2,
  handle: (reader, writer, state, { version }) => {
    const ids = reader.array(() => reader.string());
    if (version >= 1) writer.int32(0);
    writer.array(ids, (id) => {
      const known = state.groups.get(id)?.describe();
      const empty = {
        state: state.offsets.groups().includes(id) ? 'Empty' : 'Dead',
        protocolType: '',
        protocol: '',
        members: [],
      };
      const group = known ?? empty;
      writer
        .int16(CODES.NONE)
        .string(id)
        .string(group.state)
        .string(group.protocolType)
        .string(group.protocol);
      writer.array(group.members, (member) =>
        writer
          .string(member.memberId)
          .string(member.clientId)
          .string(member.host)
          .bytes(member.metadata)
          .bytes(member.assignment),
      );
    });
  },
};

export const listGroups: Api = {
  key: 16,
  min: 0,
  max: 2,
  handle: (_reader, writer, state, { version }) => {
    const ids = [...new Set([...state.groups.keys(), ...state.offsets.groups()])].toSorted();
    if (version >= 1) writer.int32(0);
    writer
      .int16(CODES.NONE)
      .array(ids, (id) =>
        writer.string(id).string(state.groups.get(id)?.describe().protocolType ?? 'consumer'),
      );
  },
};

export const deleteGroups: Api = {
  key: 42,
  min: 0,
  max: 1,
  handle: (reader, writer, state) => {
    const ids = reader.array(() => reader.string());
    writer.int32(0).array(ids, (id) => {
      const group = state.groups.get(id);
      const known = group !== undefined || state.offsets.groups().includes(id);
      const code =
        group !== undefined && group.describe().members.length > 0
          ? CODES.NON_EMPTY_GROUP
          : known
            ? CODES.NONE
            : CODES.GROUP_ID_NOT_FOUND;
      if (code === CODES.NONE) {
        state.dropGroup(id);
        state.offsets.deleteGroup(id);
      }
      writer.string(id).int16(code);
    });
  },
};
