import { receivePayload } from '../payload/receive.ts';
import { parseXml, type XmlNode } from '../http/xml.ts';
import type { OperationContext } from './context.ts';

const MAX_DOCUMENT_BYTES = 4 * 2 ** 20;

export interface BodyOptions {
  /** Whether the checksum headers are those of the body. Default: true */
  readonly bodyChecksums?: boolean;
}

/** The request's body as text, its checksums checked. */
export async function readText(
  { request, authorization }: OperationContext,
  { bodyChecksums = true }: BodyOptions = {},
): Promise<string> {
  const pieces: Uint8Array[] = [];
  const write = (bytes: Uint8Array): void => void pieces.push(bytes);
  await receivePayload({ request, authorization, write, bodyChecksums, maxBytes: MAX_DOCUMENT_BYTES });
  return Buffer.concat(pieces).toString('utf8');
}

/** @throws S3Error MalformedXML */
export async function readXml(
  context: OperationContext,
  root: string,
  options?: BodyOptions,
): Promise<XmlNode> {
  return parseXml(await readText(context, options), root);
}
