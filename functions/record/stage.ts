import type { Stage } from '../shared/stage.ts';
import { TOPICS } from '../shared/topics.ts';

export const recordStage = {
  name: 'record',
  functions: [
    {
      name: 'record',
      reads: [{ topic: TOPICS.inferenceResults, batchSize: 500, attempts: 10, pollers: 2 }],
    },
  ],
  settings: [],
  timeoutS: 60,
  memoryMb: 1024,
  publishes: [],
  // A result that could not be recorded counts with the forecast that it tells of.
  givenUpAs: 'infer',
} as const satisfies Stage;
