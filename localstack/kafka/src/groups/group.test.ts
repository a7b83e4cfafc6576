import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createGroup, type Group, type JoinAnswer } from './group.ts';

let group: Group;
let ids: number;

beforeEach(() => {
  vi.useFakeTimers();
  ids = 0;
  group = createGroup((clientId) => `${clientId}-${(ids += 1)}`);
});
afterEach(() => {
  group.close();
  vi.useRealTimers();
});

function join(memberId: string, protocols: readonly string[] = ['range']): Promise<JoinAnswer> {
  return group.join({
    memberId,
    instanceId: null,
    clientId: 'c',
    host: 'h',
    sessionTimeoutMs: 6000,
    rebalanceTimeoutMs: 10_000,
    protocolType: 'consumer',
    protocols: protocols.map((name) => ({ name, metadata: Buffer.from(name) })),
  });
}

async function joinNew(protocols?: readonly string[]): Promise<JoinAnswer> {
  const { memberId } = await join('', protocols);
  return join(memberId, protocols);
}

/** A leader and a follower, both with their assignments. */
async function pair(): Promise<{ leader: string; follower: string; generation: number }> {
  const { memberId: leader } = await joinNew();
  await group.sync(leader, 1, []);
  const second = joinNew();
  await Promise.resolve();
  const [again, { memberId: follower, generation }] = await Promise.all([join(leader), second]);
  expect(again.members.map(({ memberId }) => memberId)).toEqual([leader, follower]);
  const assignments = [leader, follower].map((memberId) => ({ memberId, assignment: Buffer.from(memberId) }));
  const answers = await Promise.all([
    group.sync(follower, generation, []),
    group.sync(leader, generation, assignments),
  ]);
  expect(answers.map(({ assignment }) => String(assignment))).toEqual([follower, leader]);
  return { leader, follower, generation };
}

describe('a group', () => {
  it('gives a newcomer an id first, and makes the only member its leader', async () => {
    expect(await join('')).toMatchObject({ code: 79, memberId: 'c-1' });
    expect(await join('c-1')).toMatchObject({ code: 0, generation: 1, leader: 'c-1', protocol: 'range' });
    expect(await join('stranger')).toMatchObject({ code: 25 });
  });

  it('hands out the assignments of its leader, and gives them again when asked again', async () => {
    const { follower, generation } = await pair();
    expect(generation).toBe(2);
    expect(String((await group.sync(follower, 2, [])).assignment)).toBe(follower);
    expect(group.describe()).toMatchObject({ state: 'Stable', members: [{}, {}] });
  });

  it('tells a wrong generation, a stranger and a rebalance apart', async () => {
    const { leader, follower } = await pair();
    expect([group.heartbeat(leader, 2), group.heartbeat(leader, 1), group.heartbeat('x', 2)]).toEqual([
      0, 22, 25,
    ]);
    expect([group.mayCommit(follower, 2), group.mayCommit(follower, 1), group.mayCommit('', -1)]).toEqual([
      0, 22, 25,
    ]);
    group.leave(follower);
    expect([group.heartbeat(leader, 2), group.mayCommit(leader, 2)]).toEqual([27, 0]);
    expect((await group.sync(leader, 2, [])).code).toBe(27);
  });

  it('drops a member that is silent for its session, and no other', async () => {
    const { leader } = await pair();
    for (let second = 0; second < 7; second += 1) {
      vi.advanceTimersByTime(1000);
      group.heartbeat(leader, 2);
    }
    expect(group.describe()).toMatchObject({ state: 'PreparingRebalance', members: [{ memberId: leader }] });
    expect(await join(leader)).toMatchObject({ code: 0, generation: 3 });
  });

  it('goes on without a member that does not join again in time', async () => {
    const { leader, follower } = await pair();
    const again = join(follower);
    for (let second = 0; second < 10; second += 1) {
      vi.advanceTimersByTime(1000);
      group.heartbeat(leader, 2);
    }
    expect(await again).toMatchObject({ code: 0, generation: 3, leader: follower });
    expect(group.heartbeat(leader, 2)).toBe(25);
  });

  it('gives one that waited for its leader a whole session from its assignment on', async () => {
    const { leader, follower } = await pair();
    const joined = [join(leader), join(follower)];
    const [{ generation } = { generation: 0 }] = await Promise.all(joined);
    const waiting = group.sync(follower, generation, []);
    vi.advanceTimersByTime(5000);
    await group.sync(leader, generation, []);
    await waiting;
    vi.advanceTimersByTime(5000);
    expect(group.heartbeat(follower, generation)).toBe(0);
  });

  it('refuses a member that shares no protocol with the others; one alone may change its own', async () => {
    const { memberId } = await joinNew(['range']);
    expect(await join('', ['sticky'])).toMatchObject({ code: 23 });
    expect(await join(memberId, ['sticky'])).toMatchObject({ code: 0, protocol: 'sticky' });
    expect(await join(memberId, [])).toMatchObject({ code: 23 });
  });
});
