import { z } from 'zod';
import { RuntimeError } from '../errors.ts';
import { SCALER_KINDS, type Scaler } from '../types.ts';

const scalerSchema = z.object({
  format: z.literal('flts-scaler/1'),
  kind: z.enum(SCALER_KINDS),
  columns: z.record(
    z.string(),
    z.object({ offset: z.number(), scale: z.number().refine((value) => value !== 0) }),
  ),
});

/** @throws RuntimeError model_corrupt where it is not a scaler of ours */
export function parseScaler(json: unknown): Scaler {
  const parsed = scalerSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new RuntimeError(
    'model_corrupt',
    `expected a scaler of format flts-scaler/1, got ${parsed.error.issues[0]?.path.join('.')}: ${parsed.error.issues[0]?.message}`,
  );
}
