import { describe, expect, it } from 'vitest';
import { hours, randomNumbers, range, tableOf } from '../testing/tables.ts';
import { mapColumns, type SourceTable } from './source-table.ts';
import { createResampler, resampleRows, type Resampling } from './resample.ts';
import { DAY_MS } from './spacing.ts';

const HOUR_MS = DAY_MS / 24;
const mean = (stepMs: number): Resampling => ({ stepMs, methods: {} });
const whole = { fromStart: true };

describe('resampleRows', () => {
  const odd = tableOf(hours(0.5, 0.75, 1, 1.2, 3.1, 3.9, 4.2), {
    a: [1, 2, 6, NaN, 4, NaN, 9],
    b: [1, 2, 6, 5, 4, 3, 9],
  });

  it('gives each interval one row with the time of its end, which belongs to it', () => {
    const methods = { a: 'mean', b: 'mean' } as const;
    const { ts, values } = resampleRows(odd, { stepMs: HOUR_MS, methods }, whole);

    expect(ts).toEqual(hours(1, 2, 4));
    expect(values['a']).toEqual(Float64Array.of(3, NaN, 4));
    expect(values['b']).toEqual(Float64Array.of(3, 5, 3.5));
  });

  it.each([
    ['last', [6, NaN, 4], [6, 5, 3]],
    ['sum', [9, NaN, 4], [9, 5, 7]],
  ] as const)('combines a column by its %s', (method, a, b) => {
    const { values } = resampleRows(odd, { stepMs: HOUR_MS, methods: { a: method, b: method } }, whole);

    expect(values).toEqual({ a: Float64Array.from(a), b: Float64Array.from(b) });
  });

  it('keeps the last interval only where the rows reach its end', () => {
    const upTo = (...at: readonly number[]) =>
      resampleRows(tableOf(hours(...at), { a: at }), mean(HOUR_MS), whole).ts;

    expect(upTo(0.5, 1.5, 2)).toEqual(hours(1, 2));
    expect(upTo(0.5, 1.5, 2.01)).toEqual(hours(1, 2));
    expect(upTo(0.5)).toEqual(hours());
    expect(upTo()).toEqual(hours());
  });

  it('leaves out a sum that may miss rows at its beginning', () => {
    const methods = { a: 'last', b: 'sum' } as const;

    expect(resampleRows(odd, { stepMs: HOUR_MS, methods }, { fromStart: false }).ts).toEqual(hours(2, 4));
    expect(resampleRows(odd, { stepMs: HOUR_MS, methods: { a: 'last' } }, { fromStart: false }).ts).toEqual(
      hours(1, 2, 4),
    );
  });

  it('ends business days at midnight, and takes Friday’s rows and the weekend’s to Monday', () => {
    // From Thursday, 4 January 2001, noon.
    const at = [0, 12, 13, 24, 36, 48, 59, 60, 61, 84].map((hour) => 84 + hour);
    const table = tableOf(hours(...at), { a: at.map((_, row) => row) });
    const { ts, values } = resampleRows(
      table,
      { stepMs: DAY_MS, businessDays: true, methods: { a: 'sum' } },
      whole,
    );

    // Friday, Monday (Friday's rows after midnight, Saturday's and Sunday's among them).
    expect([...ts].map((time) => new Date(time).toISOString())).toEqual([
      '2001-01-05T00:00:00.000Z',
      '2001-01-08T00:00:00.000Z',
    ]);
    expect(values['a']).toEqual(Float64Array.of(0 + 1, 2 + 3 + 4 + 5 + 6 + 7 + 8 + 9));
  });

  it('begins days with the UTC day and weeks with Monday, also before 1970', () => {
    const days = Float64Array.from(range(20), (day) => Date.UTC(1969, 11, 20) + day * DAY_MS);
    const table = tableOf(days, { a: range(20) });

    expect(resampleRows(table, mean(DAY_MS), whole).ts).toEqual(days);
    expect(
      [...resampleRows(table, mean(7 * DAY_MS), whole).ts].map((at) => new Date(at).toISOString()),
    ).toEqual(['1969-12-22T00:00:00.000Z', '1969-12-29T00:00:00.000Z', '1970-01-05T00:00:00.000Z']);
  });

  it.each(range(10))('knows nothing that comes after a row (seed %i)', (seed) => {
    const random = randomNumbers(seed);
    let hour = 0;
    const at = hours(...range(200).map(() => (hour += random())));
    const cut = 1 + Math.floor(random() * 199);
    const values = { a: range(200).map(random), b: range(200).map(random) };
    const methods = { a: 'mean', b: 'sum' } as const;
    const part = tableOf(at.slice(0, cut), { a: values.a.slice(0, cut), b: values.b.slice(0, cut) });
    const [all, first] = [tableOf(at, values), part].map((table) =>
      resampleRows(table, { stepMs: HOUR_MS, methods }, whole),
    );

    const rows = first?.ts.length ?? 0;
    expect(all?.ts.findIndex((end) => end > (at[cut - 1] ?? 0))).toBe(cut < 200 ? rows : -1);
    expect(first?.ts).toEqual(all?.ts.slice(0, rows));
    for (const name of ['a', 'b']) expect(first?.values[name]).toEqual(all?.values[name]?.slice(0, rows));
  });
});

describe('createResampler', () => {
  it('makes of pieces what resampleRows makes of all', () => {
    const at = range(50).map((row) => row / 7 + 0.01);
    const whole = tableOf(hours(...at), { a: at.map((hour, row) => (row % 4 === 1 ? NaN : hour)), b: at });
    const resampling: Resampling = { stepMs: HOUR_MS, methods: { a: 'mean', b: 'sum' } };
    const resampler = createResampler(['a', 'b'], resampling, { fromStart: false });
    const pieces = [
      ...range(17).map((piece) => resampler.push(rowsOf(whole, piece * 3, piece * 3 + 3))),
      resampler.end(),
    ];

    const expected = resampleRows(whole, resampling, { fromStart: false });
    expect(expected.ts.length).toBeGreaterThan(4);
    expect(Float64Array.from(pieces.flatMap(({ ts }) => [...ts]))).toEqual(expected.ts);
    for (const name of ['a', 'b'])
      expect(Float64Array.from(pieces.flatMap(({ values }) => [...(values[name] ?? [])]))).toEqual(
        expected.values[name],
      );
  });
});

function rowsOf({ ts, values }: SourceTable, start: number, end: number) {
  return { ts: ts.subarray(start, end), values: mapColumns(values, (column) => column.subarray(start, end)) };
}
