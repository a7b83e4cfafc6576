import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { get, post, upload } from '../support/http.ts';
import { startStack, type RunningStack } from '../support/running-stack.ts';
import { tapTopic, type TopicTap } from '../support/topic-tap.ts';

/** International airline passengers, thousands a month, 1949 to 1960 (Box and Jenkins 1970, series G). */
const PASSENGERS = [
  112, 118, 132, 129, 121, 135, 148, 148, 136, 119, 104, 118, 115, 126, 141, 135, 125, 149, 170, 170, 158,
  133, 114, 140, 145, 150, 178, 163, 172, 178, 199, 199, 184, 162, 146, 166, 171, 180, 193, 181, 183, 218,
  230, 242, 209, 191, 172, 194, 196, 196, 236, 235, 229, 243, 264, 272, 237, 211, 180, 201, 204, 188, 235,
  227, 234, 264, 302, 293, 259, 229, 203, 229, 242, 233, 267, 269, 270, 315, 364, 347, 312, 274, 237, 278,
  284, 277, 317, 313, 318, 374, 413, 405, 355, 306, 271, 306, 315, 301, 356, 348, 355, 422, 465, 467, 404,
  347, 305, 336, 340, 318, 362, 348, 363, 435, 491, 505, 404, 359, 310, 337, 360, 342, 406, 396, 420, 472,
  548, 559, 463, 407, 362, 405, 417, 391, 419, 461, 472, 535, 622, 606, 508, 461, 390, 432,
];

const monthStart = (month: number): string => new Date(Date.UTC(1949, month, 1)).toISOString().slice(0, 10);
const monthEnd = (month: number): string => new Date(Date.UTC(1949, month + 1, 0)).toISOString().slice(0, 10);
const csvOf = (dateOf: (month: number) => string): string =>
  ['Month,Passengers', ...PASSENGERS.map((value, month) => `${dateOf(month)},${value}`), ''].join('\n');

interface Prediction {
  readonly ts: string;
  readonly Passengers: number;
  readonly intervals: Record<string, Record<string, [number, number]>> | null;
}

describe('monthly data, with default settings', () => {
  let stack: RunningStack;
  let selected: TopicTap;

  beforeAll(async () => {
    stack = await startStack();
    selected = await tapTopic(stack.kafka, 'model-selected');
  });
  afterAll(async () => {
    await selected?.close();
    await stack?.dispose();
  });

  async function forecastOf(identifier: string, csv: string): Promise<Prediction[]> {
    await upload(stack.url, `dataset/${identifier}.csv`, csv);
    await selected.next(({ json }) => json['identifier'] === identifier);
    const { status, json } = await post(`${stack.url}/predict`, { identifier });
    expect([status, json]).toMatchObject([200, { status: 'SUCCESS' }]);
    return json['predictions'] as Prediction[];
  }

  it(
    'are promoted, and the next months forecast, alike for month starts and month ends',
    { timeout: 120_000 },
    async () => {
      const starts = await forecastOf('air', csvOf(monthStart));
      expect(starts.map(({ ts }) => ts.slice(0, 10))).toEqual(
        Array.from({ length: 12 }, (_, month) => monthStart(144 + month)),
      );
      // The summer is busier than the winter, and either than a year before.
      const [january = 0, july = 0] = [starts[0]?.Passengers, starts[6]?.Passengers];
      expect(january).toBeGreaterThan(400);
      expect(january).toBeLessThan(500);
      expect(july).toBeGreaterThan(600);
      expect(july).toBeLessThan(740);
      const [lower = 0, upper = 0] = starts[0]?.intervals?.['80']?.['Passengers'] ?? [];
      expect(lower).toBeLessThan(january);
      expect(upper).toBeGreaterThan(january);

      const ends = await forecastOf('air-ends', csvOf(monthEnd));
      expect(ends.map(({ ts }) => ts.slice(0, 10))).toEqual(
        Array.from({ length: 12 }, (_, month) => monthEnd(144 + month)),
      );
      expect(ends.map(({ Passengers }) => Passengers)).toEqual(starts.map(({ Passengers }) => Passengers));
      const board = (await get(`${stack.url}/status/air`)).json['scoreboard'] as { model_type: string }[];
      const place = (type: string): number => board.findIndex(({ model_type }) => model_type === type);
      expect(place(board[0]?.model_type ?? '')).toBeLessThan(place('SEASONAL_NAIVE'));
      expect(board[0]?.model_type).toMatch(/^(?:AUTO|ENSEMBLE)/u);
    },
  );
});
