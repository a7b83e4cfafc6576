import { xmlReply } from '../http/reply.ts';
import { element, optional, type XmlElement } from '../http/xml.ts';
import { compareKeys } from '../storage/key-order.ts';
import type { Upload } from '../storage/uploads.ts';
import { bucketOf, type Operation } from './context.ts';
import { commonPrefixOf, keyEncoder, parseMaxKeys } from './listing.ts';

/** Uploads in progress by key, those of one key oldest first; with a delimiter, common prefixes too. */
export const listMultipartUploads: Operation = async (context) => {
  const { request, services } = context;
  const { query } = request;
  const { name } = services.buckets.require(bucketOf(context));
  const [prefix, delimiter] = [query.get('prefix') ?? '', query.get('delimiter') ?? ''];
  const [keyMarker, idMarker] = [query.get('key-marker') ?? '', query.get('upload-id-marker') ?? ''];
  const limit = parseMaxKeys(query.get('max-uploads'));
  const encode = keyEncoder(query.get('encoding-type'));
  const entries = (await services.uploads.all())
    .filter(({ bucket, key }) => bucket === name && key.startsWith(prefix))
    .toSorted((a, b) => compareKeys(a.key, b.key) || compareAges(a, b))
    .map((upload) => ({ upload, common: commonPrefixOf(upload.key, { prefix, delimiter }) }));
  const page = pageOf(afterMarkers(entries, keyMarker, idMarker), limit);
  return xmlReply(
    element('ListMultipartUploadsResult', [
      element('Bucket', name),
      element('KeyMarker', encode(keyMarker)),
      element('UploadIdMarker', idMarker),
      ...optional('NextKeyMarker', page.next && encode(page.next.common ?? page.next.upload.key)),
      ...optional('NextUploadIdMarker', page.next && (page.next.common ? '' : page.next.upload.uploadId)),
      element('Prefix', encode(prefix)),
      ...optional('Delimiter', delimiter === '' ? undefined : encode(delimiter)),
      ...optional('EncodingType', query.get('encoding-type')),
      element('MaxUploads', limit),
      element('IsTruncated', page.next !== undefined),
      ...page.entries.map(({ upload, common }) =>
        common === undefined
          ? element('Upload', uploadElements(upload, encode, services.accessKeyId))
          : element('CommonPrefixes', [element('Prefix', encode(common))]),
      ),
    ]),
  );
};

interface Entry {
  readonly upload: Upload;
  /** What the upload is listed as, together with others, instead of itself. */
  readonly common: string | undefined;
}

function compareAges(a: Upload, b: Upload): number {
  return a.initiated - b.initiated || (a.uploadId < b.uploadId ? -1 : 1);
}

/** Behind a key; with an upload id, behind that upload of the key; behind all that a common prefix stands for. */
function afterMarkers(entries: readonly Entry[], keyMarker: string, idMarker: string): Entry[] {
  if (keyMarker === '') return [...entries];
  const found = entries.findIndex(
    ({ upload }) => upload.key === keyMarker && idMarker !== '' && upload.uploadId === idMarker,
  );
  if (found >= 0) return entries.slice(found + 1);
  return entries.filter(({ upload, common }) => compareKeys(common ?? upload.key, keyMarker) > 0);
}

/** A common prefix counts once. `next`: the last entry of the page, where more follow. */
function pageOf(entries: readonly Entry[], limit: number): { entries: Entry[]; next: Entry | undefined } {
  const distinct = entries.filter(
    ({ common }, index) => common === undefined || entries[index - 1]?.common !== common,
  );
  const page = distinct.slice(0, limit);
  return { entries: page, next: distinct.length > page.length ? page.at(-1) : undefined };
}

function uploadElements(upload: Upload, encode: (text: string) => string, owner: string): XmlElement[] {
  const { checksum } = upload;
  const person = [element('ID', owner), element('DisplayName', owner)];
  return [
    element('Key', encode(upload.key)),
    element('UploadId', upload.uploadId),
    element('Initiator', person),
    element('Owner', person),
    element('StorageClass', 'STANDARD'),
    element('Initiated', new Date(upload.initiated).toISOString()),
    ...optional('ChecksumAlgorithm', checksum?.name.toUpperCase()),
    ...optional('ChecksumType', checksum?.type),
  ];
}
