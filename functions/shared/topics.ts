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

/** The topics whose records tell of a stage that will not end by itself. */
export const DEAD_LETTER_TOPICS: readonly string[] = [DLQ_DATASET, ...Object.values(TOPICS).map(dlqOf)];

/**
 * Partitions where it is not one. Keys are identifiers, so that as many data sets are trained at once, in the order of
 * their claims each; TOPIC_PARTITIONS (npm start) says otherwise.
 */
export const TOPIC_PARTITIONS: Readonly<Record<string, number>> = { [TOPICS.trainingData]: 4 };

export const BUCKETS = {
  dataset: 'dataset',
  processed: 'processed-data',
  mlflow: 'mlflow',
  promotion: 'model-promotion',
  inferenceLogs: 'inference-logs',
} as const;

/** Stands for the identifier in a claim that was published without one. */
export const GLOBAL_IDENTIFIER = 'global';
