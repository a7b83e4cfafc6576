import { route, type Route } from '../shared/handlers/kafka-handler.ts';
import { TOPICS } from '../shared/topics.ts';
import { PartCache } from './part-cache.ts';
import { completeResult, messagesOf, record } from './record.ts';
import { recordedResult } from './schema.ts';

/** What the function reads, with one cache of parts for all of it. */
export function createRoutes(): Record<string, Route> {
  const cache = new PartCache();
  return {
    [TOPICS.inferenceResults]: route({
      schema: recordedResult,
      complete: async (message) => completeResult(message),
      process: (message, _delivery, services) => record([message], cache, services),
      processBatch: (entries, services) => record(messagesOf(entries), cache, services),
    }),
  };
}
