import { origins } from '../windows/windows.ts';
import type { Segments, Series } from '../types.ts';

const ENOUGH = 200;

export interface CommonOriginsOf {
  readonly segment: 'select' | 'test';
  readonly contextRows: number;
  readonly horizon: number;
}

/** The origins that all candidates are scored on: the largest stride that leaves at least 200, else every one. */
export function commonOrigins(
  series: Series,
  segments: Segments,
  { segment, contextRows, horizon }: CommonOriginsOf,
): { stride: number; origins: Int32Array } {
  const all = origins({ block: series.block, segment: segments[segment], contextRows, horizon });
  const stride = Math.max(1, Math.floor((all.length - 1) / (ENOUGH - 1)));
  return { stride, origins: all.filter((_, index) => index % stride === 0) };
}
