import { artifactUri } from '../store/types.ts';
import { safePath } from '../artifacts/path.ts';
import type { Route } from './route.ts';

export const artifactRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: 'artifacts/list',
    answer: async (fields, { store, artifacts }) => {
      const run = store.run(fields.optionalText('run_id') ?? fields.text('run_uuid'));
      const path = fields.optionalText('path') ?? '';
      const root = `${run.experimentId}/${run.id}/artifacts`;
      const files = await artifacts.list(root, path === '' ? '' : safePath(path));
      return { root_uri: artifactUri(run), ...(files.length > 0 ? { files } : {}) };
    },
  },
];
