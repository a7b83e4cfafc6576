import { S3Error } from '../errors.ts';
import { xmlReply } from '../http/reply.ts';
import { element, optional } from '../http/xml.ts';
import { bucketOf, type Operation } from './context.ts';
import {
  contentElements,
  keyEncoder,
  type ListingPage,
  type ListingQuery,
  listPage,
  parseMaxKeys,
} from './listing.ts';

export const listObjectsV2: Operation = async (context) => {
  const { request, services } = context;
  const { query } = request;
  if (query.get('list-type') !== '2') throw new S3Error('InvalidArgument', 'expected list-type 2');
  const bucket = services.buckets.require(bucketOf(context));
  const encode = keyEncoder(query.get('encoding-type'));
  const token = query.get('continuation-token');
  const startAfter = query.get('start-after');
  const listing: ListingQuery = {
    prefix: query.get('prefix') ?? '',
    delimiter: query.get('delimiter') ?? '',
    maxKeys: parseMaxKeys(query.get('max-keys')),
    after: token === undefined ? startAfterOf(startAfter) : decodeToken(token),
  };
  const page = listPage(bucket.index, listing);
  const owner = query.get('fetch-owner') === 'true' ? services.accessKeyId : undefined;
  return xmlReply(
    element('ListBucketResult', [
      element('Name', bucket.name),
      element('Prefix', encode(listing.prefix)),
      ...optional('Delimiter', listing.delimiter === '' ? undefined : encode(listing.delimiter)),
      element('MaxKeys', listing.maxKeys),
      element('KeyCount', page.objects.length + page.commonPrefixes.length),
      ...optional('EncodingType', query.get('encoding-type')),
      ...optional('ContinuationToken', token),
      ...optional('StartAfter', startAfter === undefined ? undefined : encode(startAfter)),
      element('IsTruncated', page.next !== undefined),
      ...optional('NextContinuationToken', page.next && encodeToken(page.next)),
      ...contentElements(page, { encode, owner }),
    ]),
  );
};

function startAfterOf(startAfter: string | undefined): ListingQuery['after'] {
  return startAfter === undefined || startAfter === '' ? undefined : { key: startAfter };
}

function encodeToken(next: NonNullable<ListingPage['next']>): string {
  const text = 'key' in next ? `k${next.key}` : `p${next.prefix}`;
  return Buffer.from(text).toString('base64url');
}

function decodeToken(token: string): NonNullable<ListingPage['next']> {
  const text = Buffer.from(token, 'base64url').toString('utf8');
  if (text.startsWith('k')) return { key: text.slice(1) };
  if (text.startsWith('p')) return { prefix: text.slice(1) };
  throw new S3Error('InvalidArgument', 'expected a continuation-token of this server');
}
