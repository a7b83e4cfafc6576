import type { RuntimePool } from '@flts/model-runtime';
import { route, type Delivery, type Route } from '../shared/handlers/kafka-handler.ts';
import { modelSelected, modelTraining } from '../shared/messages/schema.ts';
import type { Services } from '../shared/services.ts';
import { createServingModels } from '../shared/serving/serving-models.ts';
import { createStoredSeries } from '../shared/serving/stored-series.ts';
import { TOPICS } from '../shared/topics.ts';
import { completeInferenceClaim } from './complete-claim.ts';
import { drainPending, forecastFinishedRun } from './drain.ts';
import { inferClaim, type Inference } from './infer.ts';
import { forecastClaim } from './schema.ts';

/** What the function reads. The caches behind it are made with the first delivery's services. */
export function createRoutes(pool: RuntimePool, settings: Inference['settings']): Record<string, Route> {
  let inference: Inference | undefined;
  const wired = (services: Services): Inference =>
    (inference ??= {
      pool,
      settings,
      models: createServingModels(services),
      stored: createStoredSeries(services.storage),
    });
  return {
    [TOPICS.inferenceData]: route({
      schema: forecastClaim,
      complete: completeInferenceClaim,
      process: (claim, delivery, services) =>
        inferClaim(
          { v: 1, claim, correlation_id: delivery.correlationId, deadline_ms: deadlineOf(delivery) },
          wired(services),
          services,
        ),
    }),
    [TOPICS.modelTraining]: route({
      schema: modelTraining,
      process: (message, delivery, services) =>
        forecastFinishedRun(message, delivery, wired(services), services),
    }),
    [TOPICS.modelSelected]: route({
      schema: modelSelected,
      process: (message, delivery, services) => drainPending(message, delivery, wired(services), services),
    }),
  };
}

/** Header `deadline_ms`, epoch ms; null where there is none, or none that is a number. */
function deadlineOf({ headers }: Delivery): number | null {
  const deadline = Number(headers['deadline_ms'] ?? Number.NaN);
  return Number.isFinite(deadline) ? deadline : null;
}
