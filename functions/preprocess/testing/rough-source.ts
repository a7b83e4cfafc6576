import { HOUR_MS, START } from '../../shared/testing/tables.ts';

/**
 * Hours of a series on which every setting of preprocess has something to do: a daily season, missing rows and cells,
 * a row that misses half its cells, a repeated timestamp, outliers, and two columns that may hold the time.
 */
export function roughCsv(rows: number, from = 0): string {
  const lines = Array.from({ length: rows }, (_, row) => from + row)
    .filter((hour) => hour % 41 !== 23)
    .flatMap((hour) => {
      const spread = (hour * 37) % 19;
      const load =
        hour % 29 === 17 ? '' : 100 + 8 * ((hour % 24) - 12) + spread + (hour % 67 === 33 ? 900 : 0);
      const flow = hour % 53 === 20 ? '' : ((hour * 13) % 17) / 3;
      const event = hour % 53 === 20 ? '' : hour % 11;
      const second = START / 1000 + hour * 3600;
      const line = [second, load, flow, event, second + (hour % 2 === 0 ? 0 : HOUR_MS / 4000)].join(',');
      return hour % 71 === 50 ? [line, line.replace(/,[^,]*,/u, ',7,')] : [line];
    });
  return ['time,load,flow,event,when', ...lines].join('\n') + '\n';
}
