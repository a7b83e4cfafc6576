import { univariateFamily } from '../univariate-family.ts';

export const mstl = univariateFamily({
  type: 'MSTL',
  summary:
    'Several seasons by loess, what they leave by exponential smoothing (Bandara, Hyndman and Bergmeir 2021). Decomposed anew with each row: milliseconds a forecast.',
  version: 1,
  leastRows: 6,
  model: async () => {
    const [{ createMstl }, { createEts }] = await Promise.all([import('./mstl.ts'), import('../ets/ets.ts')]);
    return createMstl(createEts());
  },
});
