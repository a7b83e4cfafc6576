import { kafkaHandler, route } from '../shared/handlers/kafka-handler.ts';
import { TOPICS } from '../shared/topics.ts';
import { PartCache } from './part-cache.ts';
import { completeResult, messagesOf, record } from './record.ts';
import { recordedResult } from './schema.ts';

const cache = new PartCache();

export const handler = kafkaHandler({
  name: 'record',
  routes: {
    [TOPICS.inferenceResults]: route({
      schema: recordedResult,
      complete: async (message) => completeResult(message),
      process: (message, _delivery, services) => record([message], cache, services),
      processBatch: (entries, services) => record(messagesOf(entries), cache, services),
    }),
  },
});
