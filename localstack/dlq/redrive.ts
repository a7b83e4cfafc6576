// `redrive`: puts letters back where they came from. What was put back is remembered in the committed offsets of a
// group of its own, only once the broker has the records; a crash in between puts at most one request's back twice.
import { Partitioners, type Consumer, type Kafka, type Producer } from 'kafkajs';
import type { Filter } from './arguments.ts';
import { DlqError } from './errors.ts';
import { matchesFilters } from './filter.ts';
import { partitionStates, REDRIVE_GROUP, withAdmin } from './kafka.ts';
import { placeOf, type Letter } from './letter.ts';
import { originalsOf, type Original } from './originals.ts';
import { peekLetters, readLetters, type LetterRange } from './read-letters.ts';
import type { RedrivenOffsets } from './redriven-offsets.ts';

export interface RedriveOptions {
  readonly topic: string;
  readonly filters: readonly Filter[];
  readonly dryRun: boolean;
  /** Where the S3 server publishes. */
  readonly notificationsTopic: string;
  /** Told of each letter, in order within a partition. */
  readonly onLetter: (told: { readonly letter: Letter; readonly fate: Fate }) => void;
}

/** What becomes of a letter that the filters let through. */
export type Fate = { readonly to: readonly string[] } | { readonly left: string };

export interface RedriveSummary {
  readonly redriven: number;
  readonly filtered: number;
  /** Let through by the filters, and not to be put back. */
  readonly left: number;
}

/** @throws DlqError TOPIC_NOT_FOUND, REDRIVE_RUNNING, REDRIVE_TOO_SCATTERED */
export async function redrive(kafka: Kafka, options: RedriveOptions): Promise<RedriveSummary> {
  const { topic, dryRun } = options;
  const { states, topics } = await withAdmin(kafka, async (admin) => ({
    states: await partitionStates(admin, topic),
    topics: new Set(await admin.listTopics()),
  }));
  const ranges = states.map(({ partition, high, redriven }): LetterRange => ({
    partition,
    from: redriven.mark,
    to: high,
  }));
  const marks = new Map(states.map(({ partition, redriven }) => [partition, redriven]));
  const work: Work = { options, topics, marks, counts: { redriven: 0, filtered: 0, left: 0 } };
  if (dryRun) {
    for (const choice of choose(await peekLetters(kafka, topic, ranges), work)) tell(choice, work);
    return work.counts;
  }
  const producer = kafka.producer({
    createPartitioner: Partitioners.DefaultPartitioner,
    allowAutoTopicCreation: false,
  });
  await producer.connect();
  try {
    const handle = (letters: readonly Letter[], consumer: Consumer) =>
      putBack(letters, { producer, consumer }, work);
    await readLetters(kafka, { groupId: REDRIVE_GROUP, topic, ranges, handle });
  } finally {
    await producer.disconnect();
  }
  return work.counts;
}

interface Work {
  readonly options: RedriveOptions;
  /** That exist. */
  readonly topics: ReadonlySet<string>;
  readonly marks: Map<number, RedrivenOffsets>;
  readonly counts: { redriven: number; filtered: number; left: number };
}

interface Choice {
  readonly letter: Letter;
  readonly originals: readonly Original[];
  readonly fate: Fate;
}

/** Leaves out what was put back before, and counts what the filters leave out. */
function choose(letters: readonly Letter[], { options, topics, marks, counts }: Work): Choice[] {
  const fresh = letters.filter(({ partition, offset }) => marks.get(partition)?.has(offset) === false);
  const chosen = fresh.filter((letter) => matchesFilters(letter, options.filters));
  counts.filtered += fresh.length - chosen.length;
  return chosen.map((letter) => {
    const redrivable = originalsOf(letter, options.notificationsTopic);
    if ('reason' in redrivable) return { letter, originals: [], fate: { left: redrivable.reason } };
    const { originals } = redrivable;
    const missing = originals.find(({ topic }) => !topics.has(topic));
    if (missing !== undefined)
      return { letter, originals: [], fate: { left: `there is no topic ${missing.topic}` } };
    return { letter, originals, fate: { to: originals.map(({ topic }) => topic) } };
  });
}

function tell({ letter, fate }: Choice, { options, counts }: Work): void {
  if ('to' in fate) counts.redriven += 1;
  else counts.left += 1;
  options.onLetter({ letter, fate });
}

const REQUEST_LETTERS = 100;
const REQUEST_BYTES = 512 * 1024;

async function putBack(
  letters: readonly Letter[],
  clients: { readonly producer: Producer; readonly consumer: Consumer },
  work: Work,
): Promise<void> {
  for (const request of requests(choose(letters, work))) {
    await sendAndCommit(request, clients, work);
    for (const choice of request) tell(choice, work);
  }
}

async function sendAndCommit(
  request: readonly Choice[],
  { producer, consumer }: { readonly producer: Producer; readonly consumer: Consumer },
  { options: { topic }, marks }: Work,
): Promise<void> {
  const sent = request.filter(({ originals }) => originals.length > 0);
  const [first] = sent;
  if (first === undefined) return;
  const { partition } = first.letter;
  const before = marks.get(partition);
  const after = before?.with(sent.map(({ letter }) => letter.offset));
  if (after === undefined) return;
  if (!after.fits) {
    const expected =
      'expected letters near each other, since what lies between must be remembered in a few bytes';
    throw new DlqError(
      'REDRIVE_TOO_SCATTERED',
      `${expected}, got too many gaps at ${placeOf(first.letter)}: redrive more of them at once`,
    );
  }
  await producer.sendBatch({ acks: -1, topicMessages: byTopic(sent.flatMap(({ originals }) => originals)) });
  await consumer.commitOffsets([{ topic, partition, offset: String(after.mark), metadata: after.metadata }]);
  marks.set(partition, after);
}

function byTopic(originals: readonly Original[]): { topic: string; messages: Original['message'][] }[] {
  const groups = new Map<string, Original['message'][]>();
  for (const { topic, message } of originals) groups.set(topic, [...(groups.get(topic) ?? []), message]);
  return [...groups].map(([topic, messages]) => ({ topic, messages }));
}

/** Few and small enough for one request each. */
function requests(choices: readonly Choice[]): Choice[][] {
  const groups: Choice[][] = [];
  let bytes = 0;
  for (const choice of choices) {
    const size = (choice.letter.value?.length ?? 0) + 1000;
    const current = groups.at(-1);
    if (current === undefined || current.length === REQUEST_LETTERS || bytes + size > REQUEST_BYTES) {
      groups.push([choice]);
      bytes = size;
    } else {
      current.push(choice);
      bytes += size;
    }
  }
  return groups;
}
