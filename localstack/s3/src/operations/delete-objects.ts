import { S3Error } from '../errors.ts';
import { xmlReply } from '../http/reply.ts';
import { childNodes, childText, element, type XmlElement, type XmlNode } from '../http/xml.ts';
import { bucketOf, originOf, type Operation, type OperationContext } from './context.ts';
import { readXml } from './xml-body.ts';

const MAX_KEYS = 1000;

/** Removes many keys; each answers for itself. */
export const deleteObjects: Operation = async (context) => {
  context.services.buckets.require(bucketOf(context));
  const root = await readXml(context, 'Delete');
  const entries = childNodes(root, 'Object');
  if (entries.length === 0 || entries.length > MAX_KEYS) {
    throw new S3Error('MalformedXML', `expected 1 to ${MAX_KEYS} objects, got ${entries.length}`);
  }
  const quiet = childText(root, 'Quiet') === 'true';
  const removals = entries.map(parseRemoval);
  const results = await Promise.all(removals.map((removal) => deleteOne(context, removal)));
  return xmlReply(
    element(
      'DeleteResult',
      results.filter(({ name }) => !quiet || name === 'Error'),
    ),
  );
};

interface Removal {
  readonly key: string;
  readonly ifMatch: string | undefined;
}

function parseRemoval(entry: XmlNode): Removal {
  const key = childText(entry, 'Key') ?? '';
  if (key === '') throw new S3Error('MalformedXML', 'expected a Key in each Object');
  const version = childText(entry, 'VersionId') ?? 'null';
  if (version !== 'null')
    throw new S3Error('NotImplemented', `expected no VersionId, got ${JSON.stringify(version)}`);
  return { key, ifMatch: childText(entry, 'ETag') };
}

async function deleteOne(context: OperationContext, { key, ifMatch }: Removal): Promise<XmlElement> {
  const condition = { ifMatch, ifAbsent: false };
  try {
    await context.services.objects.remove({
      bucket: bucketOf(context),
      key,
      condition,
      origin: originOf(context),
    });
    return element('Deleted', [element('Key', key)]);
  } catch (error) {
    if (!(error instanceof S3Error)) throw error;
    return element('Error', [
      element('Key', key),
      element('Code', error.code),
      element('Message', error.message),
    ]);
  }
}
