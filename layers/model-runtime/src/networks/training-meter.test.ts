import { expect, it } from 'vitest';
import { createMeter } from './training-meter.ts';

it('a meter tells the speed of the epoch, and how long the rest takes at that of the whole', () => {
  let now = 5000;
  const meter = createMeter(() => now);
  expect([meter.rowsPerSecond(), meter.secondsFor(100)]).toEqual([0, 0]);
  now += 2000;
  meter.add(100);
  expect([meter.rowsPerSecond(), meter.secondsFor(100)]).toEqual([50, 2]);
  meter.nextEpoch();
  now += 1000;
  meter.add(200);
  expect([meter.rowsPerSecond(), meter.secondsFor(100)]).toEqual([200, 1]);
});

it('a meter says once a second that it is time to tell', () => {
  let now = 0;
  const meter = createMeter(() => now);
  const told: number[] = [];
  for (; now <= 3000; now += 250) if (meter.isTimeToTell()) told.push(now);
  expect(told).toEqual([1000, 2000, 3000]);
});
