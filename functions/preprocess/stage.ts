import type { Stage } from '../shared/stage.ts';
import { TOPICS } from '../shared/topics.ts';

export const preprocessStage = {
  name: 'preprocess',
  says: 'Rows lie in temporary files: those of a 4 GB upload take some 9 GB.',
  functions: [{ name: 'preprocess' }],
  settings: ['data', 'control', 'training'],
  timeoutS: 840,
  memoryMb: 2048,
  temporaryMb: 10_240,
  takesUploads: true,
  publishes: [TOPICS.trainingData, TOPICS.inferenceData],
  reports: 'a claim',
} as const satisfies Stage;
