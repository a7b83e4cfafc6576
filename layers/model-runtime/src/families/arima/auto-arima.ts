import { univariateFamily } from '../univariate-family.ts';

export const autoArima = univariateFamily({
  type: 'AUTOARIMA',
  summary:
    'Seasonal ARIMA, orders found stepwise (Hyndman and Khandakar 2008), Fourier terms for seasons above 24 rows.',
  version: 1,
  leastRows: 5,
  // More rows are dear, and say little of the orders.
  cost: { microsecondsARow: 300, mostRows: 1500 },
  model: async () => (await import('./arima.ts')).createArima(),
});
