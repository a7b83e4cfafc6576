// A filter pattern that AWS would refuse, told by its place in the pattern.

export type Path = readonly (string | number)[];

export class InvalidPatternError extends Error {
  override readonly name = 'InvalidPatternError';
  readonly path: Path;

  constructor(path: Path, message: string) {
    super(message);
    this.path = path;
  }
}

export function invalidPattern(path: Path, expected: string): InvalidPatternError {
  return new InvalidPatternError(path, `expected ${expected}`);
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
