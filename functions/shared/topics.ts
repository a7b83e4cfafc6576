export const TOPICS = {
  trainingData: 'training-data',
  inferenceData: 'inference-data',
  modelTraining: 'model-training',
  modelSelected: 'model-selected',
  inferenceResults: 'inference-results',
} as const;

/** Uploads that were given up. */
export const DLQ_DATASET = 'DLQ-dataset';

export function dlqOf(topic: string): string {
  return `DLQ-${topic}`;
}

export const BUCKETS = {
  dataset: 'dataset',
  processed: 'processed-data',
  mlflow: 'mlflow',
  promotion: 'model-promotion',
  inferenceLogs: 'inference-logs',
} as const;

/** Stands for the identifier in a claim that was published without one. */
export const GLOBAL_IDENTIFIER = 'global';
