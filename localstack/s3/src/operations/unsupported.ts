// Requests that mean something which this server does not do are refused, rather than taken for something simpler.
import { S3Error } from '../errors.ts';
import type { S3Request } from '../http/request.ts';

const SUBRESOURCES = [
  'accelerate',
  'acl',
  'analytics',
  'attributes',
  'cors',
  'delete',
  'encryption',
  'intelligent-tiering',
  'inventory',
  'legal-hold',
  'lifecycle',
  'location',
  'logging',
  'metrics',
  'notification',
  'object-lock',
  'ownershipControls',
  'policy',
  'policyStatus',
  'publicAccessBlock',
  'renameObject',
  'replication',
  'requestPayment',
  'restore',
  'retention',
  'select',
  'session',
  'tagging',
  'torrent',
  'uploadId',
  'uploads',
  'versionId',
  'versioning',
  'versions',
  'website',
];

/** Headers whose effect would be missed, with the values that change nothing. */
const HEADERS: Readonly<Record<string, readonly string[]>> = {
  'x-amz-acl': ['private', 'bucket-owner-full-control'],
  'x-amz-storage-class': ['STANDARD'],
  'x-amz-server-side-encryption': [],
  'x-amz-server-side-encryption-customer-algorithm': [],
  'x-amz-object-lock-mode': [],
  'x-amz-object-lock-legal-hold': [],
  'x-amz-bucket-object-lock-enabled': ['false'],
  'x-amz-website-redirect-location': [],
  'x-amz-write-offset-bytes': [],
  'x-amz-rename-source': [],
};

/**
 * @param parameter - the query parameter that selected an operation, which is thereby offered
 * @throws S3Error NotImplemented
 */
export function refuseUnsupported(request: S3Request, parameter: string | undefined): void {
  const subresource = SUBRESOURCES.find((name) => name !== parameter && request.query.has(name));
  if (
    subresource !== undefined &&
    !(subresource === 'versionId' && request.query.get('versionId') === 'null')
  ) {
    throw new S3Error('NotImplemented', `${request.method} with ?${subresource} is not offered`);
  }
  for (const [name, harmless] of Object.entries(HEADERS)) {
    const value = request.headers.get(name);
    if (value !== undefined && !harmless.includes(value)) {
      throw new S3Error('NotImplemented', `the header ${name}: ${value} is not offered`);
    }
  }
}
