// The XML documents of S3: written by hand because they are small and must escape what a key may hold, read with
// fast-xml-parser into plain nodes that the operations then check.
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { S3Error } from '../errors.ts';

export type XmlContent = string | number | boolean | readonly XmlElement[];

export interface XmlElement {
  readonly name: string;
  readonly content: XmlContent;
}

export function element(name: string, content: XmlContent): XmlElement {
  return { name, content };
}

/** Elements for the values that are there. */
export function optional(name: string, content: XmlContent | undefined): XmlElement[] {
  return content === undefined ? [] : [element(name, content)];
}

const NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/';

/** A whole document; S3's namespace on the root, except for errors, which have none. */
export function document(root: XmlElement, namespace: string | undefined = NAMESPACE): string {
  const attribute = namespace === undefined || namespace === '' ? '' : ` xmlns="${namespace}"`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${root.name}${attribute}>${inner(root.content)}</${root.name}>`;
}

function inner(content: XmlContent): string {
  if (typeof content !== 'object') return escape(String(content));
  return content.map((child) => `<${child.name}>${inner(child.content)}</${child.name}>`).join('');
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Control characters become references: a parser would otherwise fold line ends. */
function escape(text: string): string {
  return text.replace(
    /[&<>"]|\p{Cc}/gu,
    (char) => ENTITIES[char] ?? `&#x${char.charCodeAt(0).toString(16).toUpperCase()};`,
  );
}

export type XmlNode = Readonly<Record<string, unknown>>;

const parser = new XMLParser({
  ignoreAttributes: true,
  ignoreDeclaration: true,
  removeNSPrefix: true,
  parseTagValue: false,
  trimValues: false,
  htmlEntities: true,
});

/**
 * The root element's children by name.
 * @throws S3Error MalformedXML where the text is not XML or has another root.
 */
export function parseXml(text: string, root: string): XmlNode {
  if (XMLValidator.validate(text) !== true) throw new S3Error('MalformedXML');
  const parsed: unknown = parser.parse(text);
  const node = isNode(parsed) ? parsed[root] : undefined;
  if (node === undefined) throw new S3Error('MalformedXML', `expected a ${root} document`);
  return isNode(node) ? node : {};
}

export function isNode(value: unknown): value is XmlNode {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** All child elements of that name that have children of their own; an empty one counts as a node without any. */
export function childNodes(node: XmlNode, name: string): XmlNode[] {
  return list(node[name]).map((child) => (isNode(child) ? child : {}));
}

export function childTexts(node: XmlNode, name: string): string[] {
  return list(node[name]).filter((child) => typeof child === 'string');
}

export function childText(node: XmlNode, name: string): string | undefined {
  return childTexts(node, name)[0];
}

function list(value: unknown): unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}
