import { CODES } from '../errors.ts';

export interface JoinRequest {
  readonly memberId: string;
  readonly instanceId: string | null;
  readonly clientId: string;
  readonly host: string;
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
  readonly protocolType: string;
  readonly protocols: readonly { readonly name: string; readonly metadata: Buffer }[];
}

export interface JoinAnswer {
  readonly code: number;
  readonly generation: number;
  readonly protocol: string;
  readonly leader: string;
  readonly memberId: string;
  readonly members: readonly {
    readonly memberId: string;
    readonly instanceId: string | null;
    readonly metadata: Buffer;
  }[];
}

export interface SyncAnswer {
  readonly code: number;
  readonly assignment: Buffer;
}

export type GroupState = 'Empty' | 'PreparingRebalance' | 'CompletingRebalance' | 'Stable';

interface Member {
  readonly id: string;
  request: JoinRequest;
  assignment: Buffer;
  session: NodeJS.Timeout | undefined;
  joining: ((answer: JoinAnswer) => void) | undefined;
  syncing: ((answer: SyncAnswer) => void) | undefined;
}

const NOTHING: Buffer = Buffer.alloc(0);

/**
 * One consumer group: Empty -> PreparingRebalance -> CompletingRebalance -> Stable. A join is held until every known
 * member has joined again or the rebalance time-out has passed; those absent are dropped.
 */
export function createGroup(newMemberId: (clientId: string) => string) {
  const members = new Map<string, Member>();
  const pending = new Set<string>();
  let state: GroupState = 'Empty';
  let generation = 0;
  let protocol = '';
  let protocolType = '';
  let leader = '';
  let rebalance: NodeJS.Timeout | undefined;

  function join(request: JoinRequest): Promise<JoinAnswer> {
    const refuse = (code: number, memberId = request.memberId): Promise<JoinAnswer> =>
      Promise.resolve({ code, generation: -1, protocol: '', leader: '', memberId, members: [] });
    if (!fits(request)) return refuse(CODES.INCONSISTENT_GROUP_PROTOCOL);
    if (request.memberId === '') {
      const memberId = newMemberId(request.clientId);
      pending.add(memberId);
      return refuse(CODES.MEMBER_ID_REQUIRED, memberId);
    }
    if (!members.has(request.memberId) && !pending.delete(request.memberId))
      return refuse(CODES.UNKNOWN_MEMBER_ID);
    const member: Member = members.get(request.memberId) ?? {
      id: request.memberId,
      request,
      assignment: NOTHING,
      session: undefined,
      joining: undefined,
      syncing: undefined,
    };
    members.set(member.id, member);
    member.request = request;
    member.joining?.({
      code: CODES.UNKNOWN_MEMBER_ID,
      generation: -1,
      protocol: '',
      leader: '',
      memberId: member.id,
      members: [],
    });
    protocolType = request.protocolType;
    stopSession(member);
    return new Promise((resolve) => {
      member.joining = resolve;
      if (state !== 'PreparingRebalance') prepare();
      completeIfAllJoined();
    });
  }

  function fits(request: JoinRequest): boolean {
    const others = [...members.values()].filter(({ id }) => id !== request.memberId);
    if (others.length > 0 && request.protocolType !== protocolType) return false;
    return request.protocols.some(({ name }) =>
      others.every((member) => member.request.protocols.some((each) => each.name === name)),
    );
  }

  function prepare(): void {
    state = 'PreparingRebalance';
    for (const member of members.values()) {
      member.syncing?.({ code: CODES.REBALANCE_IN_PROGRESS, assignment: NOTHING });
      member.syncing = undefined;
    }
    clearTimeout(rebalance);
    const longest = Math.max(...[...members.values()].map(({ request }) => request.rebalanceTimeoutMs));
    rebalance = setTimeout(() => {
      for (const member of members.values()) if (member.joining === undefined) remove(member);
      complete();
    }, longest);
  }

  function completeIfAllJoined(): void {
    if (state === 'PreparingRebalance' && [...members.values()].every(({ joining }) => joining !== undefined))
      complete();
  }

  function complete(): void {
    clearTimeout(rebalance);
    if (members.size === 0) {
      state = 'Empty';
      return;
    }
    generation += 1;
    state = 'CompletingRebalance';
    const all = [...members.values()];
    if (!members.has(leader)) leader = all[0]?.id ?? '';
    protocol =
      all[0]?.request.protocols.find(({ name }) =>
        all.every(({ request }) => request.protocols.some((each) => each.name === name)),
      )?.name ?? '';
    const list = all.map(({ id, request }) => ({
      memberId: id,
      instanceId: request.instanceId,
      metadata: request.protocols.find(({ name }) => name === protocol)?.metadata ?? NOTHING,
    }));
    for (const member of all) {
      const { joining } = member;
      member.joining = undefined;
      member.assignment = NOTHING;
      joining?.({
        code: CODES.NONE,
        generation,
        protocol,
        leader,
        memberId: member.id,
        members: member.id === leader ? list : [],
      });
      startSession(member);
    }
  }

  function sync(
    memberId: string,
    askedGeneration: number,
    assignments: readonly { memberId: string; assignment: Buffer }[],
  ): Promise<SyncAnswer> {
    const problem = check(memberId, askedGeneration);
    const answer = (code: number, assignment = NOTHING): Promise<SyncAnswer> =>
      Promise.resolve({ code, assignment });
    if (problem !== CODES.NONE) return answer(problem);
    const member = members.get(memberId);
    if (member === undefined) return answer(CODES.UNKNOWN_MEMBER_ID);
    if (state === 'PreparingRebalance') return answer(CODES.REBALANCE_IN_PROGRESS);
    if (state === 'Stable') return answer(CODES.NONE, member.assignment);
    touch(member);
    const waiting = new Promise<SyncAnswer>((resolve) => {
      member.syncing = resolve;
    });
    if (memberId === leader) {
      for (const { memberId: id, assignment } of assignments) {
        const assigned = members.get(id);
        if (assigned !== undefined) assigned.assignment = assignment;
      }
      state = 'Stable';
      for (const each of members.values()) {
        // One that waited for the leader could not send heartbeats meanwhile.
        if (each.syncing !== undefined) touch(each);
        each.syncing?.({ code: CODES.NONE, assignment: each.assignment });
        each.syncing = undefined;
      }
    }
    return waiting;
  }

  function heartbeat(memberId: string, askedGeneration: number): number {
    const problem = check(memberId, askedGeneration);
    if (problem !== CODES.NONE) return problem;
    const member = members.get(memberId);
    if (member !== undefined && member.joining === undefined) touch(member);
    return state === 'PreparingRebalance' ? CODES.REBALANCE_IN_PROGRESS : CODES.NONE;
  }

  /** Whether these offsets may be committed. */
  function mayCommit(memberId: string, askedGeneration: number): number {
    if (memberId === '' && askedGeneration < 0)
      return members.size === 0 ? CODES.NONE : CODES.UNKNOWN_MEMBER_ID;
    const problem = check(memberId, askedGeneration);
    if (problem !== CODES.NONE) return problem;
    const member = members.get(memberId);
    if (member !== undefined && member.joining === undefined) touch(member);
    return state === 'CompletingRebalance' ? CODES.REBALANCE_IN_PROGRESS : CODES.NONE;
  }

  function leave(memberId: string): number {
    const member = members.get(memberId);
    if (member === undefined) return CODES.UNKNOWN_MEMBER_ID;
    expel(member);
    return CODES.NONE;
  }

  function check(memberId: string, askedGeneration: number): number {
    if (!members.has(memberId)) return CODES.UNKNOWN_MEMBER_ID;
    return askedGeneration === generation ? CODES.NONE : CODES.ILLEGAL_GENERATION;
  }

  function expel(member: Member): void {
    remove(member);
    if (members.size === 0) {
      clearTimeout(rebalance);
      state = 'Empty';
      generation += 1;
      return;
    }
    if (state === 'PreparingRebalance') completeIfAllJoined();
    else prepare();
  }

  function remove(member: Member): void {
    stopSession(member);
    members.delete(member.id);
    member.joining?.({
      code: CODES.UNKNOWN_MEMBER_ID,
      generation: -1,
      protocol: '',
      leader: '',
      memberId: member.id,
      members: [],
    });
    member.syncing?.({ code: CODES.UNKNOWN_MEMBER_ID, assignment: NOTHING });
    member.joining = undefined;
    member.syncing = undefined;
  }

  function touch(member: Member): void {
    stopSession(member);
    startSession(member);
  }
  function startSession(member: Member): void {
    member.session = setTimeout(() => expel(member), member.request.sessionTimeoutMs);
  }
  function stopSession(member: Member): void {
    clearTimeout(member.session);
    member.session = undefined;
  }

  return {
    join,
    sync,
    heartbeat,
    mayCommit,
    leave,
    describe: () => ({
      state: members.size === 0 ? ('Empty' as const) : state,
      protocolType,
      protocol,
      members: [...members.values()].map(({ id, request, assignment }) => ({
        memberId: id,
        clientId: request.clientId,
        host: request.host,
        metadata: request.protocols.find(({ name }) => name === protocol)?.metadata ?? NOTHING,
        assignment,
      })),
    }),
    close: () => {
      clearTimeout(rebalance);
      for (const member of members.values()) stopSession(member);
    },
  };
}

export type Group = ReturnType<typeof createGroup>;
