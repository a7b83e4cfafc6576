// Every stage, in the order in which an upload meets them: a new one is its folder and an entry here. Topics, dead letters, the
// stages of /status, what giving up means, and the functions of serverless.yml follow (npm run generate).
import { evaluateStage } from './evaluate/stage.ts';
import { gatewayStage } from './gateway/stage.ts';
import { giveUpStage } from './give-up/stage.ts';
import { inferStage } from './infer/stage.ts';
import { predictStage } from './predict/stage.ts';
import { preprocessStage } from './preprocess/stage.ts';
import { recordStage } from './record/stage.ts';
import type { Stage } from './shared/stage.ts';
import { trainStage } from './train/stage.ts';

export const STAGES: readonly Stage[] = [
  preprocessStage,
  trainStage,
  evaluateStage,
  inferStage,
  recordStage,
  giveUpStage,
  predictStage,
  gatewayStage,
];
