import { z } from 'zod';
import { modelInfo } from '../families/model-json.ts';

export const weight = z.looseObject({
  name: z.string(),
  shape: z.array(z.number().int().min(0)),
  dtype: z.literal('float32'),
});

/** model.json of a network: the parts of a TF.js LayersModel that are read here. */
export const networkJson = z.object({
  modelTopology: z.record(z.string(), z.unknown()),
  weightsManifest: z.array(z.object({ weights: z.array(weight) })),
  userDefinedMetadata: z.object({
    flts: modelInfo.extend({
      modelType: z.string(),
      horizon: z.number().int().min(1),
      fastMath: z.boolean().optional(),
    }),
  }),
});
export type NetworkJson = z.infer<typeof networkJson>;
