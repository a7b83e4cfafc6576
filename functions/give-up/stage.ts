import type { Stage } from '../shared/stage.ts';
import { DEAD_LETTER_TOPICS, TOPICS } from '../shared/topics.ts';

export const giveUpStage = {
  name: 'give-up',
  functions: [
    {
      name: 'give-up',
      reads: DEAD_LETTER_TOPICS.map((topic) => ({
        topic,
        group: topic.replace('DLQ', 'give-up'),
        batchSize: 10,
        attempts: -1,
        pollers: 2,
      })),
    },
  ],
  settings: [],
  timeoutS: 60,
  memoryMb: 1024,
  publishes: [TOPICS.modelTraining],
} as const satisfies Stage;
