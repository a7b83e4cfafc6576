import { setImmediate } from 'node:timers/promises';
import type { Thread } from '../threads/threads.ts';
import { createTurns, isOurs, takeTurn } from '../threads/turns.ts';
import { countLines, type CsvBlock } from './blocks.ts';
import type { ParsedBlock, RecordLayout } from './parse-block.ts';
import { parseSharedBlock, type BlockInput, type BlockOutcome } from './parse-shared-block.ts';

/** A block that is parsed, and the share of the file up to its end. */
export interface ParsedShare {
  readonly parsed: ParsedBlock;
  readonly share: number;
}

/** Blocks that wait for each thread, so that it need not wait for this one. */
const WAITING = 4;

/**
 * The blocks in their order, each parsed by one of `threads`, or by this one where it had to wait for them. As many are in memory
 * as wait for the threads, and two more. The cells are good until the next block is asked for.
 */
export async function* parseAhead(
  blocks: AsyncIterable<CsvBlock>,
  layoutOf: (block: CsvBlock) => RecordLayout,
  threads: readonly Thread[],
): AsyncGenerator<ParsedShare> {
  const slots = Array.from({ length: WAITING * threads.length + 2 }, createSlot);
  const waiting: Begun[] = [];
  let begun = 0;
  for await (const block of blocks) {
    if (waiting.length === slots.length) yield await takeFirst(waiting, threads.length);
    const [slot, thread] = [slots[begun % slots.length], threads[begun % threads.length]];
    if (slot === undefined || thread === undefined) throw new RangeError('expected a thread, got none');
    waiting.push(begin(thread, fillSlot(slot, block, layoutOf(block)), block.share));
    begun += 1;
  }
  while (waiting.length > 0) yield await takeFirst(waiting, 0);
}

/** Waits for the first, and parses others meanwhile: the last ones, but as many as `left`, which threads may take. */
async function takeFirst(waiting: Begun[], left: number): Promise<ParsedShare> {
  const first = waiting.shift();
  if (first === undefined) throw new RangeError('expected a block that is waited for, got none');
  const order = [first, ...waiting];
  while (!first.isParsed()) {
    const open = order.filter((each) => each.isOpen());
    if (open.length <= left) break;
    open.at(-1)?.parseHere();
    // Hears what the threads have answered.
    await setImmediate();
  }
  return { parsed: await first.parsed(), share: first.share };
}

/** What one block and its cells are in, which threads share. */
interface Slot {
  bytes: Buffer;
  rooms: Float64Array[];
}

function createSlot(): Slot {
  return { bytes: Buffer.alloc(0), rooms: [] };
}

function fillSlot(slot: Slot, block: CsvBlock, layout: RecordLayout): BlockInput {
  const { length } = block.bytes;
  if (slot.bytes.length < length) slot.bytes = Buffer.from(new SharedArrayBuffer(Math.ceil(1.25 * length)));
  block.bytes.copy(slot.bytes);
  const most = countLines(block.bytes) + 1;
  if ((slot.rooms[0]?.length ?? 0) < most) {
    const room = (): Float64Array => new Float64Array(new SharedArrayBuffer(Math.ceil(1.25 * most) * 8));
    slot.rooms = Array.from({ length: layout.fields }, room);
  }
  return { bytes: slot.bytes.subarray(0, length), line: block.line, layout, rooms: slot.rooms };
}

/** A block on its way. */
interface Begun {
  readonly share: number;
  isParsed(): boolean;
  /** Whether no thread has begun it. */
  isOpen(): boolean;
  /** Has this thread parse it, where no other has begun it. */
  parseHere(): void;
  parsed(): Promise<ParsedBlock>;
}

const [OWN, OTHER] = [1, 2];

function begin(thread: Thread, input: BlockInput, share: number): Begun {
  const turns = createTurns(1);
  const own = { turns, index: 0, who: OWN };
  const cellsOf = (outcome: BlockOutcome): ParsedBlock => ({
    ...outcome,
    cells: input.rooms.map((room) => room.subarray(0, outcome.rows)),
  });
  const turn = { turns, index: 0, who: OTHER };
  let answered = false;
  let here: ParsedBlock | undefined;
  const asked = thread.run<BlockOutcome>({ task: 'parseSharedBlock', places: {}, input, turn });
  const settle = (): void => void (answered = true);
  // What it fails with is met where the block is waited for.
  asked.then(settle, settle);
  return {
    share,
    isParsed: () => answered || here !== undefined,
    isOpen: () => !isOurs(own) && !isOurs(turn),
    parseHere: () => {
      if (takeTurn(own)) here = cellsOf(parseSharedBlock({}, input));
    },
    // That the thread finds the turn taken need not be waited for.
    parsed: async () => here ?? cellsOf(await asked),
  };
}
