// A consumer group from outside: its state and members as an admin client sees them, and its generation.
import { Kafka, logLevel } from 'kafkajs';
import { connect } from 'node:net';

export interface GroupObserver {
  /** State, and the ids of the members in order. */
  readonly describe: () => Promise<{ readonly state: string; readonly members: readonly string[] }>;
  /** Of a group of one member, which it counts as a sign of life of it. @throws Error past 100 */
  readonly generation: () => Promise<number>;
  readonly close: () => Promise<void>;
}

export async function observeGroup(bootstrapServers: string, group: string): Promise<GroupObserver> {
  const kafka = new Kafka({
    clientId: 'observer',
    brokers: bootstrapServers.split(','),
    logLevel: logLevel.NOTHING,
  });
  const admin = kafka.admin();
  await admin.connect();
  async function describe() {
    const { groups } = await admin.describeGroups([group]);
    const { state = '', members = [] } = groups[0] ?? {};
    return { state: String(state), members: members.map(({ memberId }) => memberId).toSorted() };
  }
  return {
    describe,
    generation: async () => generationOf(bootstrapServers, group, (await describe()).members),
    close: () => admin.disconnect(),
  };
}

const ILLEGAL_GENERATION = 22;
const MOST = 100;
/** Its length, the correlation id, the throttling time, the error code. */
const ANSWER_BYTES = 14;

/** No answer of the protocol tells a classic group's generation: it is the one that a heartbeat is accepted with. */
async function generationOf(address: string, group: string, members: readonly string[]): Promise<number> {
  const [member] = members;
  if (member === undefined || members.length > 1)
    throw new Error(`expected one member of ${group}, got ${members.length}`);
  for (let generation = 1; generation <= MOST; generation++) {
    const code = await heartbeat(address, { group, generation, member });
    if (code === 0) return generation;
    if (code !== ILLEGAL_GENERATION)
      throw new Error(`expected a heartbeat of ${group} accepted, got error ${code}`);
  }
  throw new Error(`expected a generation of ${group} up to ${MOST}, got a later one`);
}

interface Heartbeat {
  readonly group: string;
  readonly generation: number;
  readonly member: string;
}

/** The error code of Heartbeat, version 3, at the only broker of a cluster. */
async function heartbeat(address: string, { group, generation, member }: Heartbeat): Promise<number> {
  const [key, version, correlation, noInstance] = [12, 3, 1, -1];
  const body = Buffer.concat([
    int(2, key),
    int(2, version),
    int(4, correlation),
    text('observer'),
    text(group),
    int(4, generation),
    text(member),
    int(2, noInstance),
  ]);
  const [host = '', port = ''] = (address.split(',')[0] ?? '').split(':');
  const socket = connect(Number(port), host);
  socket.write(Buffer.concat([int(4, body.length), body]));
  let answer = Buffer.alloc(0);
  for await (const chunk of socket) {
    answer = Buffer.concat([answer, chunk as Buffer]);
    if (answer.length >= ANSWER_BYTES) return answer.readInt16BE(ANSWER_BYTES - 2);
  }
  throw new Error(`expected an answer to a heartbeat of ${group}, got the end of the connection`);
}

function int(bytes: number, value: number): Buffer {
  const buffer = Buffer.alloc(bytes);
  buffer.writeIntBE(value, 0, bytes);
  return buffer;
}

function text(value: string): Buffer {
  return Buffer.concat([int(2, Buffer.byteLength(value)), Buffer.from(value)]);
}
