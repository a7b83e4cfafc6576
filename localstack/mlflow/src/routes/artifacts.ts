import { artifactUri } from '../store/types.ts';
import { invalid } from '../errors.ts';
import type { Route } from './route.ts';

export const artifactRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: 'artifacts/list',
    answer: async (fields, { store, artifacts }) => {
      const run = store.run(fields.optionalText('run_id') ?? fields.text('run_uuid'));
      const path = fields.optionalText('path') ?? '';
      if (path.split('/').includes('..') || path.startsWith('/')) throw invalid('Invalid path');
      const files = await artifacts.list(
        `${run.experimentId}/${run.id}/artifacts`,
        path.replace(/\/+$/u, ''),
      );
      return { root_uri: artifactUri(run), ...(files.length > 0 ? { files } : {}) };
    },
  },
];
