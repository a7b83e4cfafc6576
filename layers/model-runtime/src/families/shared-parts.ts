/** Folders of this package that families share; layers/model-runtime/shared-digests.mjs says which files each has. */
export type SharedPart =
  'kernels' | 'networks' | 'windows' | 'scaling' | 'calendar' | 'evaluation' | 'statistics';

/** Put in by the build (and by the tests' configuration): hex digests of the code of each part, without its comments. */
declare const SHARED_DIGESTS: Readonly<Record<SharedPart, string>>;

export function digestOf(part: SharedPart): string {
  return SHARED_DIGESTS[part];
}
