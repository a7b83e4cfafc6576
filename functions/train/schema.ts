import { z } from 'zod';
import { TRAINED_TYPES } from '@flts/model-runtime/families';

/** Settings of a trainer function itself; what shapes its models travels with the claim. */
export const trainerShape = {
  MODEL_TYPE: z.enum(TRAINED_TYPES),
  /** Megabytes; Lambda sets it. A training that would need more is refused before it begins. */
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: z.coerce.number().int().min(1).optional(),
};
export type TrainedType = z.infer<typeof trainerShape.MODEL_TYPE>;
