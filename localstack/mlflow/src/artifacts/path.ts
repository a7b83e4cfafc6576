import { invalid } from '../errors.ts';

/**
 * A path of the artifact proxy without its encoding, trailing slashes cut. Like MLflow it is decoded twice.
 * @throws ApiError for what leaves its root, and for what no file is named
 */
export function safePath(path: string): string {
  const decoded = decode(decode(path));
  const bad =
    decoded === '' ||
    decoded.startsWith('/') ||
    /[#\\\0]/u.test(decoded) ||
    decode(decoded)
      .split('/')
      .some((segment) => segment === '..');
  if (bad) throw invalid('Invalid path');
  return decoded.replace(/\/+$/u, '');
}

/** What is no escape stays as it is. */
function decode(path: string): string {
  return path.replaceAll(/(?:%[0-9a-f]{2})+/giu, (escapes) => {
    try {
      return decodeURIComponent(escapes);
    } catch {
      return escapes;
    }
  });
}
