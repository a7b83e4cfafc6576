import type { RuntimePool } from '@flts/model-runtime';
import { route, type Route } from '../shared/handlers/kafka-handler.ts';
import { modelTraining } from '../shared/messages/schema.ts';
import { TOPICS } from '../shared/topics.ts';
import { evaluate } from './evaluate.ts';

/** What the function reads; the pool is for the baselines. */
export function createRoutes(pool: RuntimePool): Readonly<Record<string, Route>> {
  return {
    [TOPICS.modelTraining]: route({
      schema: modelTraining,
      process: (message, delivery, services) => evaluate(message, delivery, pool, services),
    }),
  };
}
