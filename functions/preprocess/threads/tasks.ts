import type { ColumnsByName } from '../columns/column.ts';
import { parseSharedBlock } from '../csv/parse-shared-block.ts';
import { columnFigures } from '../report/column-figures.ts';
import { fillColumn } from '../steps/fill-column.ts';
import { knownFigures } from '../steps/known-figures.ts';
import { autocorrelations, profileOfRest, trendOfColumn } from '../steps/rest.ts';
import { scaleOfColumn } from '../steps/scale-of-column.ts';

/**
 * What other threads can do: functions of columns that lie on disk, and of what can be sent from thread to thread, or is
 * shared by them.
 */
const TASKS = {
  autocorrelations,
  columnFigures,
  fillColumn,
  knownFigures,
  parseSharedBlock,
  profileOfRest,
  scaleOfColumn,
  trendOfColumn,
};

export type TaskName = keyof typeof TASKS;
export type TaskInput<Name extends TaskName> = Parameters<(typeof TASKS)[Name]>[1];
export type TaskOutput<Name extends TaskName> = ReturnType<(typeof TASKS)[Name]>;

/** Does one. `input`: what the task of that name takes, as inParallel has seen to. */
export function doTask(name: TaskName, columns: ColumnsByName, input: unknown): unknown {
  const task: (columns: ColumnsByName, input: never) => unknown = TASKS[name];
  return task(columns, input as never);
}
