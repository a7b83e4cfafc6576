import { turn, type Group, type Mask, type Span } from './blocks/block.ts';
import type { Layout, TrainingLayout } from './layout.ts';
import type { Kernels } from './wasm.ts';

/** One thread's view of a network in memory. */
export interface Network {
  readonly kernels: Kernels;
  readonly layout: Layout;
  readonly memory: WebAssembly.Memory;
}

/** A member's share of so many panels or blocks: neighbours, as equal as can be. */
export function shareOf(count: number, member: number, members: number): Span {
  return { from: Math.floor((count * member) / members), to: Math.floor((count * (member + 1)) / members) };
}

/** Makes the kernels ready for a batch of so many panels; by one thread. */
export function openBlocks({ layout, memory }: Pick<Network, 'layout' | 'memory'>, panels: number): void {
  for (const block of layout.blocks) block.open?.(memory, panels);
}

/** From the windows to the answers, for some panels. */
export function forward({ kernels, layout }: Network, span: Span, panels = layout.panels): void {
  for (const block of layout.blocks) block.forward({ kernels, span, panels });
}

/** From dy, in place of the answers, back through every block; leaves what gradients of weights read. */
export function backward({ kernels, layout }: Network, span: Span, panels: number): void {
  if (span.from === span.to) return;
  for (const block of layout.blocks.toReversed()) block.backward({ kernels, span, panels });
  turn(layout.input, { kernels, span, panels });
}

export function groupsOf({ blocks }: Layout): Group[] {
  return blocks.flatMap((block) => block.groups);
}

export function masksOf({ blocks }: Layout): Mask[] {
  return blocks.flatMap((block) => block.masks);
}

/** The weights' second packing, which Adam keeps up to date from then on. */
export function packBackward({ kernels, layout }: Network): void {
  for (const { blocks, matrices } of groupsOf(layout)) {
    for (const { w, depth, back } of matrices)
      if (back !== 0) kernels.repack(back, w, depth, blocks * 4, 0, blocks);
  }
}

export function trained({ training }: Layout): TrainingLayout {
  if (training === undefined) throw new TypeError('expected a layout for training, got one for forecasts');
  return training;
}
