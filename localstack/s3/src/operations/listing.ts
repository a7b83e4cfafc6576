// The page of keys that both versions of ListObjects answer.
import { S3Error } from '../errors.ts';
import { element, type XmlElement } from '../http/xml.ts';
import type { KeyIndex } from '../storage/key-index.ts';
import type { ObjectMeta } from '../storage/object-meta.ts';

export interface ListingQuery {
  readonly prefix: string;
  /** '' for none */
  readonly delimiter: string;
  readonly maxKeys: number;
  /** Where to begin: after this key, or after all keys with this prefix. */
  readonly after: { readonly key: string } | { readonly prefix: string } | undefined;
}

export interface ListingPage {
  readonly objects: readonly ObjectMeta[];
  readonly commonPrefixes: readonly string[];
  /** The last thing on the page, where more follow. */
  readonly next: { readonly key: string } | { readonly prefix: string } | undefined;
}

/** Steps over a common prefix at once, however many keys it has. */
export function listPage(index: KeyIndex, query: ListingQuery): ListingPage {
  const objects: ObjectMeta[] = [];
  const commonPrefixes: string[] = [];
  let last: ListingPage['next'];
  let position = startPosition(index, query);
  for (;;) {
    const key = index.keyAt(position);
    if (key === undefined || !key.startsWith(query.prefix))
      return { objects, commonPrefixes, next: undefined };
    if (objects.length + commonPrefixes.length >= query.maxKeys) {
      return { objects, commonPrefixes, next: query.maxKeys === 0 ? undefined : last };
    }
    const common = commonPrefixOf(key, query);
    const meta = index.get(key);
    if (common !== undefined) {
      commonPrefixes.push(common);
      last = { prefix: common };
      position = index.afterPrefix(common);
    } else {
      if (meta !== undefined) objects.push(meta);
      last = { key };
      position += 1;
    }
  }
}

function startPosition(index: KeyIndex, { prefix, after }: ListingQuery): number {
  const first = index.lowerBound(prefix);
  if (after === undefined) return first;
  return Math.max(first, 'key' in after ? index.upperBound(after.key) : index.afterPrefix(after.prefix));
}

/** The key up to the delimiter behind the prefix; undefined where there is none. */
export function commonPrefixOf(
  key: string,
  { prefix, delimiter }: Pick<ListingQuery, 'prefix' | 'delimiter'>,
): string | undefined {
  if (delimiter === '') return undefined;
  const found = key.indexOf(delimiter, prefix.length);
  return found < 0 ? undefined : key.slice(0, found + delimiter.length);
}

const MAX_KEYS = 1000;

/** @throws S3Error InvalidArgument */
export function parseMaxKeys(text: string | undefined): number {
  if (text === undefined || text === '') return MAX_KEYS;
  if (!/^\d{1,10}$/.test(text))
    throw new S3Error('InvalidArgument', `expected max-keys of 0 or more, got ${JSON.stringify(text)}`);
  return Math.min(Number(text), MAX_KEYS);
}

/** How keys are written into the document: as they are, or percent-encoded with encoding-type=url. */
export function keyEncoder(encodingType: string | undefined): (text: string) => string {
  if (encodingType === undefined || encodingType === '') return (text) => text;
  if (encodingType !== 'url') {
    throw new S3Error('InvalidArgument', `expected encoding-type url, got ${JSON.stringify(encodingType)}`);
  }
  return (text) => encodeURIComponent(text).replaceAll('%2F', '/').replaceAll('%20', '+');
}

export interface ContentsOptions {
  readonly encode: (text: string) => string;
  /** Who owns everything here; only where the client asked for it. */
  readonly owner: string | undefined;
}

export function contentElements(page: ListingPage, { encode, owner }: ContentsOptions): XmlElement[] {
  const contents = page.objects.map((meta) =>
    element('Contents', [
      element('Key', encode(meta.key)),
      element('LastModified', new Date(Math.floor(meta.lastModified / 1000) * 1000).toISOString()),
      element('ETag', `"${meta.etag}"`),
      ...Object.keys(meta.checksums).flatMap((name) => [
        element('ChecksumAlgorithm', name.toUpperCase()),
        element('ChecksumType', meta.checksumType),
      ]),
      element('Size', meta.size),
      ...(owner === undefined
        ? []
        : [element('Owner', [element('ID', owner), element('DisplayName', owner)])]),
      element('StorageClass', 'STANDARD'),
    ]),
  );
  const prefixes = page.commonPrefixes.map((prefix) =>
    element('CommonPrefixes', [element('Prefix', encode(prefix))]),
  );
  return [...contents, ...prefixes];
}
