import type { NetworkType } from '../../types.ts';
import type { NetworkShape } from '../shape.ts';
import { ED_LSTM } from './encoder-decoder.ts';
import type { Family } from './family.ts';
import { recurrentFamily } from './recurrent.ts';
import { TCN } from './tcn.ts';
import { TETS } from './transformer.ts';

/** Every network that the kernels run. */
export const FAMILIES: Readonly<Record<NetworkType, Family>> = {
  GRU: recurrentFamily('GRU'),
  LSTM: recurrentFamily('LSTM'),
  TCN,
  ED_LSTM,
  TETS,
};

export function familyOf({ family }: NetworkShape): Family {
  return FAMILIES[family];
}
