// A topic for records given up: each as it came, with dlq_* headers beside its own.
import type { FailureDestination } from './destination.ts';
import type { OnFailurePublisher } from './on-failure.ts';

export function kafkaDestination(topic: string, publisher: OnFailurePublisher): FailureDestination {
  return {
    name: `kafka://${topic}`,
    publish({ records, error }, wanted) {
      const givenUp = records.map(({ record, attempts }) => ({ ...record, attempts, error }));
      return publisher.publish(topic, givenUp, wanted);
    },
    close: () => publisher.close(),
  };
}
