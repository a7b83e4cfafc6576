import { kafkaHandler, route } from '../shared/handlers/kafka-handler.ts';
import type { Services } from '../shared/services.ts';
import { DEAD_LETTER_TOPICS } from '../shared/topics.ts';
import { giveUp } from './give-up.ts';
import { deadLetter, decodeDeadLetter } from './schema.ts';

const letters = route({
  schema: deadLetter,
  decode: (text) => ({ ...decodeDeadLetter(text) }),
  process: giveUp,
});

/** The function over its services; over those of the environment where none are given. */
export function createHandler(services?: Services): ReturnType<typeof kafkaHandler> {
  return kafkaHandler({
    name: 'give-up',
    deadLetters: false,
    routes: Object.fromEntries(DEAD_LETTER_TOPICS.map((topic) => [topic, letters])),
    ...(services === undefined ? {} : { services }),
  });
}
