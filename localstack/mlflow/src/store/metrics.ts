import type { MetricPoint } from './types.ts';

/** The greatest by step, then timestamp, then value. */
export function latest(history: readonly MetricPoint[]): MetricPoint | undefined {
  let best: MetricPoint | undefined;
  for (const point of history) if (best === undefined || isLater(point, best)) best = point;
  return best;
}

function isLater(point: MetricPoint, than: MetricPoint): boolean {
  if (point.step !== than.step) return point.step > than.step;
  if (point.timestamp !== than.timestamp) return point.timestamp > than.timestamp;
  return point.value > than.value || Number.isNaN(than.value);
}

/** In the order of their times. */
export function byTime(a: MetricPoint, b: MetricPoint): number {
  return a.timestamp - b.timestamp || a.step - b.step || a.value - b.value || 0;
}
