import type { Stage } from '../shared/stage.ts';
import { TOPICS } from '../shared/topics.ts';

export const predictStage = {
  name: 'predict',
  functions: [{ name: 'predict' }],
  // Both HTTP functions share a process on the laptop, and so the variables of both.
  settings: ['serving', 'access'],
  timeoutS: 30,
  memoryMb: 2048,
  http: [
    'POST /predict',
    'GET /predict_ping',
    'GET /healthz',
    'GET /ready',
    'GET /metrics',
    'GET /queue_stats',
    'POST /reload_latest',
    'POST /publish_inference_claims',
  ],
  publishes: [TOPICS.inferenceResults, TOPICS.inferenceData],
} as const satisfies Stage;
