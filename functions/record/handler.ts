import { kafkaHandler } from '../shared/handlers/kafka-handler.ts';
import { createRoutes } from './routes.ts';

export const handler = kafkaHandler({ name: 'record', routes: createRoutes() });
