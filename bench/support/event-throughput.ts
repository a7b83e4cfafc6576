import { z } from 'zod';
import type { OfflineService } from './offline-service.ts';

const batch = z.tuple([z.number(), z.number()]);

/** Records a second through mapping and worker, of a topic that is filled before; the first batch only starts the clock. */
export async function measureThroughput(offline: OfflineService, records: number): Promise<number> {
  const next = async (): Promise<[number, number]> => batch.parse(await offline.next('BATCH'));
  const [first, started] = await next();
  let [handled, last] = [0, started];
  while (first + handled < records) {
    const [count, called] = await next();
    handled += count;
    last = called;
  }
  return (1e9 * handled) / (last - started);
}
