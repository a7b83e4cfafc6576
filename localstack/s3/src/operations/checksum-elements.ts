import { element, type XmlElement } from '../http/xml.ts';
import { CHECKSUM_NAMES } from '../payload/checksums.ts';
import type { ObjectMeta } from '../storage/object-meta.ts';

/** An object's checksums as the results of a copy or completion show them. */
export function checksumElements(meta: ObjectMeta): XmlElement[] {
  const checksums = CHECKSUM_NAMES.flatMap((name) => {
    const value = meta.checksums[name];
    return value === undefined ? [] : [element(`Checksum${name.toUpperCase()}`, value)];
  });
  return checksums.length === 0 ? [] : [...checksums, element('ChecksumType', meta.checksumType)];
}
