import type { Thread } from '../threads/threads.ts';
import { countLines, type CsvBlock } from './blocks.ts';
import type { ParsedBlock, RecordLayout } from './parse-block.ts';
import type { BlockInput, BlockOutcome } from './parse-shared-block.ts';

/** A block that is parsed, and the share of the file up to its end. */
export interface ParsedShare {
  readonly parsed: ParsedBlock;
  readonly share: number;
}

/**
 * The blocks in their order, each parsed by one of `threads` while the next ones are read: as many are in memory as there are
 * threads, and one more. The cells are good until the next block is asked for.
 */
export async function* parseAhead(
  blocks: AsyncIterable<CsvBlock>,
  layoutOf: (block: CsvBlock) => RecordLayout,
  threads: readonly Thread[],
): AsyncGenerator<ParsedShare> {
  const slots = Array.from({ length: threads.length + 1 }, createSlot);
  const lanes = threads.map(createLane);
  const waiting: { readonly parsed: Promise<ParsedBlock>; readonly share: number }[] = [];
  let begun = 0;
  for await (const block of blocks) {
    const first = waiting.length === slots.length ? waiting.shift() : undefined;
    if (first !== undefined) yield { parsed: await first.parsed, share: first.share };
    const [slot, lane] = [slots[begun % slots.length], lanes[begun % lanes.length]];
    if (slot === undefined || lane === undefined) throw new RangeError('expected a thread, got none');
    waiting.push({ parsed: lane(slot, block, layoutOf(block)), share: block.share });
    begun += 1;
  }
  for (const { parsed, share } of waiting) yield { parsed: await parsed, share };
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

/** Has a thread parse one block after the other. */
function createLane(thread: Thread) {
  let before: Promise<unknown> = Promise.resolve();
  return (slot: Slot, block: CsvBlock, layout: RecordLayout): Promise<ParsedBlock> => {
    const input = fillSlot(slot, block, layout);
    const parse = async (): Promise<ParsedBlock> => {
      const outcome = await thread.run<BlockOutcome>({ task: 'parseSharedBlock', places: {}, input });
      return { ...outcome, cells: input.rooms.map((room) => room.subarray(0, outcome.rows)) };
    };
    const parsed = before.then(parse);
    // Met where the block is waited for.
    before = parsed.catch(() => {});
    return parsed;
  };
}
