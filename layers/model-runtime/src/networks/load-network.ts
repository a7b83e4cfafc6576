import { RuntimeError } from '../errors.ts';
import { checked, type LoadOptions } from '../families/family.ts';
import type { Forecaster } from '../families/forecaster.ts';
import type { ModelFile } from '../types.ts';
import { loadNetwork } from './network-files.ts';
import { networkForecaster } from './network-forecaster.ts';
import { networkJson } from './network-json.ts';

/** @throws RuntimeError model_corrupt; feature_count_mismatch or shape_mismatch where it is not what model.json says */
export async function loadNetworkForecaster(
  json: unknown,
  files: readonly ModelFile[],
  { backend = 'wasm' }: LoadOptions,
): Promise<Forecaster> {
  const network = checked(networkJson, json);
  const weights = files.find(({ path }) => path === 'weights.bin');
  if (weights === undefined)
    throw new RuntimeError(
      'model_corrupt',
      `expected weights.bin beside model.json, got ${files.map(({ path }) => path).join(', ')}`,
    );
  const model = await loadNetwork(network, weights.bytes, backend);
  try {
    return networkForecaster(model, network.userDefinedMetadata.flts);
  } catch (cause) {
    model.dispose();
    throw cause;
  }
}
