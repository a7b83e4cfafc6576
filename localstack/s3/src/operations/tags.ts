// Tags as a header and as a document carry them, and what S3 takes.
import { S3Error } from '../errors.ts';
import type { S3Request } from '../http/request.ts';
import { childNodes, childText, element, type XmlElement, type XmlNode } from '../http/xml.ts';
import type { ObjectMeta, Tag } from '../storage/object-meta.ts';

const MAX_TAGS = 10;
const MAX_KEY_CHARACTERS = 128;
const MAX_VALUE_CHARACTERS = 256;
/** Letters, digits and spaces of any alphabet, and these signs. */
const TAKEN = /^[\p{L}\p{N}\p{Z}+\-=._:/@]*$/u;

/**
 * Those of `x-amz-tagging: a=1&b=2`, form-url-encoded.
 * @throws S3Error InvalidArgument for bytes that are no UTF-8 and for a key that comes twice; InvalidTag, BadRequest
 */
export function requestTags(request: S3Request): Pick<ObjectMeta, 'tags'> {
  const header = Buffer.from(request.headers.get('x-amz-tagging') ?? '', 'latin1').toString('utf8');
  const pairs = header.split('&').filter((pair) => pair !== '');
  const tags = pairs.map((pair) => {
    const [key = '', ...value] = pair.split('=');
    return { key: decodeForm(key), value: decodeForm(value.join('=')) };
  });
  if (new Set(tags.map(({ key }) => key)).size < tags.length)
    throw new S3Error('InvalidArgument', 'expected each key of x-amz-tagging once');
  return tags.length === 0 ? {} : { tags: checkedTags(tags) };
}

function decodeForm(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', '%20'));
  } catch (cause) {
    const got = JSON.stringify(text);
    throw new S3Error('InvalidArgument', `expected x-amz-tagging in percent-encoded UTF-8, got ${got}`, {
      cause,
    });
  }
}

/** Those of a Tagging document. @throws S3Error MalformedXML, InvalidTag, BadRequest */
export function parseTags(root: XmlNode): readonly Tag[] {
  const sets = childNodes(root, 'TagSet');
  const [set] = sets;
  if (set === undefined || sets.length > 1) {
    throw new S3Error('MalformedXML', `expected one TagSet, got ${sets.length}`);
  }
  const tags = childNodes(set, 'Tag').map((node) => {
    const [key, value] = [childText(node, 'Key'), childText(node, 'Value')];
    if (key === undefined || value === undefined)
      throw new S3Error('MalformedXML', 'expected a Key and a Value in each Tag');
    return { key, value };
  });
  if (new Set(tags.map(({ key }) => key)).size < tags.length)
    throw new S3Error('InvalidTag', 'expected each key of a tag once');
  return checkedTags(tags);
}

export function tagElements(tags: readonly Tag[]): XmlElement {
  const set = tags.map(({ key, value }) => element('Tag', [element('Key', key), element('Value', value)]));
  return element('Tagging', [element('TagSet', set)]);
}

/** Characters are counted in UTF-16, as S3 does. */
function checkedTags(tags: readonly Tag[]): readonly Tag[] {
  if (tags.length > MAX_TAGS)
    throw new S3Error('BadRequest', `expected at most ${MAX_TAGS} tags, got ${tags.length}`);
  for (const { key, value } of tags) {
    if (key === '' || key.length > MAX_KEY_CHARACTERS)
      invalid(`a key of 1 to ${MAX_KEY_CHARACTERS} characters, got ${key.length}`);
    if (value.length > MAX_VALUE_CHARACTERS)
      invalid(`a value of at most ${MAX_VALUE_CHARACTERS} characters, got ${value.length}`);
    if (!TAKEN.test(key) || !TAKEN.test(value))
      invalid(`letters, digits, spaces and + - = . _ : / @, got ${JSON.stringify(`${key}=${value}`)}`);
    if (key.startsWith('aws:')) invalid(`a key that does not begin with aws:, got ${JSON.stringify(key)}`);
  }
  return tags;
}

function invalid(message: string): never {
  throw new S3Error('InvalidTag', `expected ${message}`);
}
