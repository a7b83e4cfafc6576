import type { Forecast } from '@flts/model-runtime';
import { describe, expect, it } from 'vitest';
import { createForecastCache } from './cache.ts';

const forecastOf = (value: number): Forecast => ({
  ts: Float64Array.of(value),
  values: {},
  recursiveFromStep: null,
});

describe('the cache of forecasts', () => {
  it('keeps those used last, up to its capacity', async () => {
    const cache = createForecastCache(2);
    const computed: string[] = [];
    const ask = (key: string) =>
      cache.of(key, async () => {
        computed.push(key);
        return forecastOf(computed.length);
      });
    for (const key of ['a', 'b', 'a', 'c', 'a', 'b']) await ask(key);
    expect(computed).toEqual(['a', 'b', 'c', 'b']);
    expect(cache.served()).toBe(2);
  });

  it('does not keep a failure; who asked at the same time fails too', async () => {
    const cache = createForecastCache(2);
    const fail = () => Promise.reject(new Error('no'));
    const both = [cache.of('a', fail), cache.of('a', async () => forecastOf(1))];
    expect((await Promise.allSettled(both)).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await cache.of('a', async () => forecastOf(2))).toEqual({
      forecast: forecastOf(2),
      cached: false,
    });
    expect(cache.served()).toBe(0);
  });
});
