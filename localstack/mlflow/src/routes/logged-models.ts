import { invalid } from '../errors.ts';
import type { Route } from './route.ts';

export const loggedModelRoutes: readonly Route[] = [
  {
    // There are none, but MLflow's own client asks for those of a run whenever it lists artifacts.
    method: 'POST',
    path: 'logged-models/search',
    answer: (fields) => {
      if (fields.texts('experiment_ids').length > 0) return {};
      throw invalid('experiment_ids: expected one at least, got none');
    },
  },
];
