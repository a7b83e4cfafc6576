import { xmlReply } from '../http/reply.ts';
import { element, optional } from '../http/xml.ts';
import { bucketOf, type Operation } from './context.ts';
import { contentElements, keyEncoder, type ListingQuery, listPage, parseMaxKeys } from './listing.ts';

/** The first version of the listing: the place to go on from is a key or common prefix in the clear. */
export const listObjects: Operation = async (context) => {
  const { request, services } = context;
  const { query } = request;
  const bucket = services.buckets.require(bucketOf(context));
  const encode = keyEncoder(query.get('encoding-type'));
  const marker = query.get('marker') ?? '';
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter') ?? '';
  const maxKeys = parseMaxKeys(query.get('max-keys'));
  const page = listPage(bucket.index, {
    prefix,
    delimiter,
    maxKeys,
    after: afterMarker(marker, prefix, delimiter),
  });
  const next = page.next && ('key' in page.next ? page.next.key : page.next.prefix);
  return xmlReply(
    element('ListBucketResult', [
      element('Name', bucket.name),
      element('Prefix', encode(prefix)),
      element('Marker', encode(marker)),
      ...optional('Delimiter', delimiter === '' ? undefined : encode(delimiter)),
      element('MaxKeys', maxKeys),
      ...optional('EncodingType', query.get('encoding-type')),
      element('IsTruncated', next !== undefined),
      // Without a delimiter a client goes on from the last key, as S3 has it.
      ...optional('NextMarker', next === undefined || delimiter === '' ? undefined : encode(next)),
      ...contentElements(page, { encode, owner: services.accessKeyId }),
    ]),
  );
};

/** A marker that is a common prefix stands for all keys below it. */
function afterMarker(marker: string, prefix: string, delimiter: string): ListingQuery['after'] {
  if (marker === '') return undefined;
  const isCommonPrefix = delimiter !== '' && marker.endsWith(delimiter) && marker.length > prefix.length;
  return isCommonPrefix ? { prefix: marker } : { key: marker };
}
