import { describeError, FltsError } from '../shared/errors.ts';
import type { Delivery } from '../shared/handlers/kafka-handler.ts';
import type { TrainingClaim } from '../shared/messages/schema.ts';
import type { Services } from '../shared/services.ts';
import { train, type Trainer } from './train.ts';

/** A trainer function: the model types that it trains, one after the other. */
export interface TrainerFunction extends Omit<Trainer, 'modelType'> {
  readonly modelTypes: readonly string[];
}

/**
 * Trains each of the function's models for a claim. One that fails does not keep the others from being trained; the claim
 * then comes again where another attempt may mend it (what is finished is reused), else it is given up for those that failed.
 * @throws the error of the one that failed; FltsError training_failed with `modelTypes` where the function has several
 */
export async function trainAll(
  claim: TrainingClaim,
  delivery: Delivery,
  { modelTypes, ...trainer }: TrainerFunction,
  services: Services,
): Promise<void> {
  const failed = new Map<string, unknown>();
  for (const modelType of modelTypes) {
    try {
      await train(claim, delivery, { modelType, ...trainer }, services);
    } catch (cause) {
      if (modelTypes.length === 1) throw cause;
      failed.set(modelType, cause);
    }
  }
  if (failed.size === 0) return;
  const [first] = [...failed.values()];
  const retryable = [...failed.values()].find((cause) => describeError(cause).retryable);
  throw retryable ?? new TrainingsFailed([...failed.keys()], first);
}

/** Of some models of a function; the rest are trained. */
class TrainingsFailed extends FltsError {
  readonly modelTypes: readonly string[];

  constructor(modelTypes: readonly string[], cause: unknown) {
    const { code, message } = describeError(cause);
    super('training_failed', `expected ${modelTypes.join(', ')} to be trained, got ${code}: ${message}`, {
      cause,
    });
    this.modelTypes = modelTypes;
  }
}
