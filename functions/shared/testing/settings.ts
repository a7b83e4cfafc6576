import { readSettings, servingShape } from '../settings/settings.ts';

/** What infer, predict and record go by where nothing is set. */
export const SERVING_DEFAULTS = readSettings(servingShape, {});
