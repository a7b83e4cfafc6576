import type { Stage } from '../shared/stage.ts';
import { TOPICS } from '../shared/topics.ts';

export const evaluateStage = {
  name: 'evaluate',
  functions: [
    {
      name: 'evaluate',
      reads: [{ topic: TOPICS.modelTraining, batchSize: 10, attempts: 10, pollers: 2 }],
    },
  ],
  settings: ['kernels'],
  timeoutS: 300,
  memoryMb: 2048,
  temporaryMb: 4096,
  publishes: [TOPICS.modelSelected],
  reports: 'a claim',
} as const satisfies Stage;
