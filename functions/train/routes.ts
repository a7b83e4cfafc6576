import { route, type Route } from '../shared/handlers/kafka-handler.ts';
import { trainingClaim } from '../shared/messages/schema.ts';
import type { ClaimSettings } from '../shared/settings/settings.ts';
import { TOPICS } from '../shared/topics.ts';
import { completeTrainingClaim } from './complete-claim.ts';
import { trainAll, type TrainerFunction } from './train-all.ts';

/** `settings`: those of claims that a user publishes without any. */
export function createRoutes(
  trainer: TrainerFunction,
  settings: ClaimSettings,
): Readonly<Record<string, Route>> {
  return {
    [TOPICS.trainingData]: route({
      schema: trainingClaim,
      complete: (message, delivery, services) =>
        completeTrainingClaim(message, delivery, { storage: services.storage, settings }),
      process: (claim, delivery, services) => trainAll(claim, delivery, trainer, services),
    }),
  };
}
