// Compares the parts that a completion names with those that are there.
import { createHash } from 'node:crypto';
import { S3Error } from '../errors.ts';
import { childNodes, childText, type XmlNode } from '../http/xml.ts';
import { CHECKSUM_NAMES, type ChecksumName, createDigest } from '../payload/checksums.ts';
import type { UploadedPart } from '../storage/uploads.ts';

const MIN_PART_BYTES = 5 * 2 ** 20;

/**
 * The parts to join, in order.
 * @throws S3Error MalformedXML, InvalidPartOrder, InvalidPart, EntityTooSmall
 */
export function selectParts(root: XmlNode, uploaded: readonly UploadedPart[]): UploadedPart[] {
  const named = childNodes(root, 'Part');
  if (named.length === 0) throw new S3Error('MalformedXML', 'expected at least one Part');
  const byNumber = new Map(uploaded.map((part) => [part.number, part] as const));
  let before = 0;
  const selected = named.map((node) => {
    const number = Number(childText(node, 'PartNumber') ?? Number.NaN);
    if (!Number.isInteger(number)) throw new S3Error('MalformedXML', 'expected a PartNumber in each Part');
    if (number <= before) throw new S3Error('InvalidPartOrder');
    before = number;
    return checkedPart(node, number, byNumber.get(number));
  });
  const small = selected.slice(0, -1).find((part) => part.meta.size < MIN_PART_BYTES);
  if (small !== undefined) {
    throw new S3Error(
      'EntityTooSmall',
      `expected part ${small.number} of at least ${MIN_PART_BYTES} bytes, got ${small.meta.size}`,
    );
  }
  return selected;
}

function checkedPart(node: XmlNode, number: number, part: UploadedPart | undefined): UploadedPart {
  const etag = childText(node, 'ETag')?.replaceAll('"', '').trim();
  if (part === undefined || etag !== part.meta.etag)
    throw new S3Error('InvalidPart', `part ${number} is not there with the ETag ${etag}`);
  for (const name of CHECKSUM_NAMES) {
    const value = childText(node, `Checksum${name.toUpperCase()}`);
    if (value !== undefined && value !== part.meta.checksums[name]) {
      throw new S3Error('InvalidPart', `part ${number} is not there with the ${name} checksum ${value}`);
    }
  }
  return part;
}

/** The MD5 of the parts' MD5s, and how many they are. */
export function multipartEtag(parts: readonly UploadedPart[]): string {
  const hash = createHash('md5');
  for (const { meta } of parts) hash.update(Buffer.from(meta.etag, 'hex'));
  return `${hash.digest('hex')}-${parts.length}`;
}

/** The checksum of the parts' checksums, and how many they are. */
export function compositeChecksum(name: ChecksumName, parts: readonly UploadedPart[]): string {
  const digest = createDigest(name);
  for (const { meta, number } of parts) {
    const value = meta.checksums[name];
    if (value === undefined) throw new S3Error('InvalidPart', `part ${number} has no ${name} checksum`);
    digest.update(Buffer.from(value, 'base64'));
  }
  return `${digest.digest().toString('base64')}-${parts.length}`;
}
