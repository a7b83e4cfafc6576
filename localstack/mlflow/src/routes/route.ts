import type { Store } from '../store/store.ts';
import type { ArtifactStore } from '../artifacts/store.ts';
import type { Fields } from './fields.ts';

export interface RouteContext {
  readonly store: Store;
  readonly artifacts: ArtifactStore;
}

/** One endpoint below /api/2.0/mlflow/. */
export interface Route {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly answer: (fields: Fields, context: RouteContext) => unknown;
}
