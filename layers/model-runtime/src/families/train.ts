import type { TrainedModel, TrainTask } from '../types.ts';
import type { TrainHooks } from './family.ts';
import { familyOf } from './index.ts';

/** Trains one model on this thread. @throws RuntimeError with the numbers in its message; unknown_model_type */
export async function trainModel(task: TrainTask, hooks: TrainHooks = {}): Promise<TrainedModel> {
  return familyOf(task.modelType).fit(task, hooks);
}
