import { RuntimeError } from '../errors.ts';
import type { Architecture } from '../networks/architecture.ts';
import { edLstm } from './ed-lstm/ed-lstm.ts';
import { gru } from './gru/gru.ts';
import { lstm } from './lstm/lstm.ts';
import { tcn } from './tcn/tcn.ts';
import { tets } from './tets/tets.ts';

/** Every network that the kernels run: a new one is its folder and an entry here. */
export const NETWORKS: readonly Architecture[] = [gru, lstm, tcn, edLstm, tets];

export const NETWORK_TYPES: readonly string[] = NETWORKS.map(({ type }) => type);

/** @throws RuntimeError unknown_model_type */
export function architectureOf({ family }: { readonly family: string }): Architecture {
  const architecture = NETWORKS.find(({ type }) => type === family);
  if (architecture !== undefined) return architecture;
  throw new RuntimeError(
    'unknown_model_type',
    `expected a network among ${NETWORK_TYPES.join(', ')}, got ${family}`,
  );
}
