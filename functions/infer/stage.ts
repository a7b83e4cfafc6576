import type { Stage } from '../shared/stage.ts';
import { TOPICS } from '../shared/topics.ts';

const batches = { batchSize: 10, attempts: 10, pollers: 2 };

export const inferStage = {
  name: 'infer',
  functions: [
    {
      name: 'infer',
      reads: [
        { topic: TOPICS.inferenceData, ...batches },
        { topic: TOPICS.modelTraining, group: 'infer-model-training', ...batches },
        { topic: TOPICS.modelSelected, group: 'infer-model-selected', ...batches },
      ],
    },
  ],
  settings: ['serving'],
  timeoutS: 300,
  memoryMb: 2048,
  temporaryMb: 4096,
  publishes: [TOPICS.inferenceResults],
  reports: 'a claim',
} as const satisfies Stage;
