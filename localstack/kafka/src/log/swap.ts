// How one file takes the place of several segments, whatever moment the process dies at: it is written aside, synced,
// and renamed to the range of offsets that it stands for. From then on the start of the broker ends what was begun:
// segments of the range are deleted, and the file gets the name of the first.
import { closeSync, fsyncSync, openSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { segmentFile, type Segment } from './segment.ts';

const ASIDE = '.cleaned';
const SWAP = /^(\d{20})-(\d{20})\.swap$/u;

/** Where a segment is written that is to replace others; thrown away at the start. */
export function asideFile(folder: string, baseOffset: bigint): string {
  return segmentFile(folder, baseOffset).replace(/\.log$/u, ASIDE);
}

export interface Swap {
  /** Neighbours of the list, which changes with the files. */
  readonly former: readonly Segment[];
  readonly replacement: Segment;
  /** The offset at which the segment after them begins. */
  readonly nextOffset: bigint;
}

/** Nothing is left of former segments whose replacement is empty. */
export function swapSegments(
  folder: string,
  segments: Segment[],
  { former, replacement, nextOffset }: Swap,
): void {
  const { baseOffset } = replacement;
  replacement.sync();
  replacement.rename(swapFile(folder, baseOffset, nextOffset));
  syncFolder(folder);
  const at = segments.findIndex((segment) => segment === former[0]);
  segments.splice(at, former.length, ...(replacement.size > 0 ? [replacement] : []));
  for (const segment of former) segment.remove();
  if (replacement.size > 0) replacement.rename(segmentFile(folder, baseOffset));
  else replacement.remove();
}

/** Ends what a kill left half-done; to be called before any segment is opened. */
export function finishSwaps(folder: string): void {
  const names = readdirSync(folder);
  for (const name of names) {
    if (name.endsWith(ASIDE)) rmSync(join(folder, name));
    const [, base, next] = SWAP.exec(name) ?? [];
    if (base === undefined || next === undefined) continue;
    for (const other of names) {
      const isFormer = other.endsWith('.log') && other >= `${base}.log` && other < `${next}.log`;
      if (isFormer) rmSync(join(folder, other), { force: true });
    }
    const path = join(folder, name);
    if (statSync(path).size > 0) renameSync(path, segmentFile(folder, BigInt(base)));
    else rmSync(path);
  }
}

function swapFile(folder: string, baseOffset: bigint, nextOffset: bigint): string {
  const [base, next] = [baseOffset, nextOffset].map((offset) => String(offset).padStart(20, '0'));
  return join(folder, `${base}-${next}.swap`);
}

/** The new name must be safe before the old files go. */
function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r');
  fsyncSync(handle);
  closeSync(handle);
}
