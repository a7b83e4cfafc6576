import { sha256 } from '../../shared/hash.ts';
import { BUCKETS } from '../../shared/topics.ts';
import { datasetMeta } from '../../shared/dataset/meta.ts';
import { createStage } from './stage.ts';
import { roughCsv } from './rough-source.ts';

// Run as a process of its own, so that TZ and LC_ALL are those of its environment. SETTINGS: a settings file's text.
const stage = createStage();
await stage.put('x_test.csv', roughCsv(60, 300));
await stage.put('x.config.json', process.env['SETTINGS'] ?? '{}');
await stage.run(await stage.put('x.csv', roughCsv(300)));
const objects: Record<string, string> = {};
for (const place of stage.storage.keys().filter((key) => /^processed-data\/x\/[0-9a-f]{64}\//u.test(key))) {
  const key = place.slice(BUCKETS.processed.length + 1);
  const stored = await stage.storage.get(BUCKETS.processed, key);
  objects[key.replace(/^.*\//u, '')] = sha256(stored?.body ?? '');
  if (!key.endsWith('/meta.json')) continue;
  const { config_hash, data_hash } = datasetMeta.parse(
    JSON.parse(Buffer.from(stored?.body ?? '').toString()),
  );
  Object.assign(objects, { config_hash, data_hash });
}
process.stdout.write(
  JSON.stringify({ ...objects, hours: new Date(0).getHours(), number: (0.5).toLocaleString() }),
);
