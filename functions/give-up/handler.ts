import { kafkaHandler, route } from '../shared/handlers/kafka-handler.ts';
import { DEAD_LETTER_TOPICS, giveUp } from './give-up.ts';
import { deadLetter, decodeDeadLetter } from './schema.ts';

const letters = route({
  schema: deadLetter,
  decode: (text) => ({ ...decodeDeadLetter(text) }),
  process: giveUp,
});

export const handler = kafkaHandler({
  name: 'give-up',
  deadLetters: false,
  routes: Object.fromEntries(DEAD_LETTER_TOPICS.map((topic) => [topic, letters])),
});
