import { z } from 'zod';
import { listOf } from '../shared/settings/setting.ts';
import { TRAINED_TYPES } from '@flts/model-runtime/families';

/** Settings of a trainer function itself; what shapes its models travels with the claim. */
export const trainerShape = {
  /** One or more: the models that this function trains. */
  MODEL_TYPE: listOf(z.enum(TRAINED_TYPES))
    .default([])
    .refine((types) => types.length > 0, `expected one or more of ${TRAINED_TYPES.join(', ')}`),
  /** Megabytes; Lambda sets it. A training that would need more is refused before it begins. */
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: z.coerce.number().int().min(1).optional(),
};
