import { linesOf } from './lines.ts';
import { locate, type Stores } from './locate.ts';
import { trace, type Trace } from './trace.ts';

/**
 * The lines that tell where a run, a data set or a prediction comes from, and what came of it; a block for each
 * identifier, an empty line between. @throws FltsError identifier_unknown, request_invalid
 */
export async function lineage(id: string, stores: Stores): Promise<string[]> {
  const traces: Trace[] = [];
  for (const place of await locate(id, stores)) traces.push(await trace(place, stores));
  // Identifiers of the same content and settings share a config_hash; a run belongs to one of them.
  const own = traces.filter(({ place, namesRun }) => place.runId === undefined || namesRun);
  const blocks = (own.length === 0 ? traces : own).map(linesOf);
  return blocks.flatMap((block, index) => (index === 0 ? block : ['', ...block]));
}
