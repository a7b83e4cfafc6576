import { z } from 'zod';

/** Settings of a trainer function itself; what shapes its models travels with the claim. */
export const trainerShape = {
  MODEL_TYPE: z.enum(['GRU', 'LSTM', 'PROPHET']),
};
export type TrainedType = z.infer<typeof trainerShape.MODEL_TYPE>;
