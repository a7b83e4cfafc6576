import type { Forecast } from '@flts/model-runtime';

export interface CachedForecast {
  readonly forecast: Forecast;
  /** Whether it was there, or in the making, before this call. */
  readonly cached: boolean;
}

export interface ForecastCache {
  /** The forecast of `key`, by `compute` where it is not known; equal requests at the same time compute once. */
  of(key: string, compute: () => Promise<Forecast>): Promise<CachedForecast>;
  /** How often a forecast was served again. */
  served(): number;
}

/** Keeps the `capacity` forecasts that were used last. Keys are made of immutable ids; a failure is not kept. */
export function createForecastCache(capacity: number): ForecastCache {
  const entries = new Map<string, Promise<Forecast>>();
  let served = 0;
  return {
    of: async (key, compute) => {
      const known = entries.get(key);
      const entry = known ?? compute();
      entries.delete(key);
      entries.set(key, entry);
      entry.catch(() => {
        if (entries.get(key) === entry) entries.delete(key);
      });
      const [oldest] = entries.keys();
      if (entries.size > capacity && oldest !== undefined) entries.delete(oldest);
      const forecast = await entry;
      if (known !== undefined) served += 1;
      return { forecast, cached: known !== undefined };
    },
    served: () => served,
  };
}
