// Every error of this package. S3Error is what a client sees as an XML document; S3ServerError is what the program
// that starts a server sees.

interface Kind {
  readonly status: number;
  readonly message: string;
  readonly retryable?: boolean;
}

/** S3's own error codes with the HTTP status and the message that goes out when nothing more exact is known. */
const KINDS = {
  AccessDenied: { status: 403, message: 'Access Denied.' },
  AuthorizationHeaderMalformed: { status: 400, message: 'The authorization header is malformed.' },
  AuthorizationQueryParametersError: { status: 400, message: 'The query-string authorization is malformed.' },
  BadDigest: { status: 400, message: 'The checksum sent does not match the content received.' },
  BadRequest: { status: 400, message: 'The request is not valid.' },
  BucketAlreadyOwnedByYou: { status: 409, message: 'The bucket exists already and is yours.' },
  BucketNotEmpty: { status: 409, message: 'The bucket still holds objects.' },
  EntityTooLarge: { status: 400, message: 'The object is larger than an object may be.' },
  EntityTooSmall: { status: 400, message: 'A part other than the last is smaller than 5 MiB.' },
  IncompleteBody: { status: 400, message: 'The body ended before the announced length.' },
  InternalError: { status: 500, message: 'The server failed; try again.', retryable: true },
  InvalidAccessKeyId: { status: 403, message: 'The access key id is not known to this server.' },
  InvalidArgument: { status: 400, message: 'An argument is invalid.' },
  InvalidBucketName: { status: 400, message: 'The bucket name is not valid.' },
  InvalidDigest: { status: 400, message: 'The digest sent is not a digest.' },
  InvalidPart: { status: 400, message: 'A part was not found, or its ETag does not match.' },
  InvalidPartOrder: { status: 400, message: 'The parts are not in ascending order.' },
  InvalidRange: { status: 416, message: 'The range lies outside the object.' },
  InvalidRequest: { status: 400, message: 'The request is not valid.' },
  InvalidTag: { status: 400, message: 'A tag is not valid.' },
  InvalidURI: { status: 400, message: 'The path could not be parsed.' },
  KeyTooLongError: { status: 400, message: 'The key is longer than 1024 bytes.' },
  MalformedXML: { status: 400, message: 'The XML document is not well formed or not of the expected shape.' },
  MaxMessageLengthExceeded: { status: 400, message: 'The request document is too large.' },
  MetadataTooLarge: { status: 400, message: 'User metadata exceeds 2 KB.' },
  MethodNotAllowed: { status: 405, message: 'The method is not allowed on this resource.' },
  MissingContentLength: { status: 411, message: 'A Content-Length header is required.' },
  NoSuchBucket: { status: 404, message: 'The bucket does not exist.' },
  NoSuchKey: { status: 404, message: 'The key does not exist.' },
  NoSuchUpload: {
    status: 404,
    message: 'The multipart upload does not exist; it may be completed or aborted.',
  },
  NotImplemented: { status: 501, message: 'This server does not offer what the request asks for.' },
  NotModified: { status: 304, message: 'Not Modified' },
  PreconditionFailed: { status: 412, message: 'A precondition did not hold.' },
  RequestTimeTooSkewed: { status: 403, message: 'The request time and the server time differ too much.' },
  ServiceUnavailable: { status: 503, message: 'The server is closing; try again.', retryable: true },
  SignatureDoesNotMatch: { status: 403, message: 'The signature does not match the request.' },
  XAmzContentSHA256Mismatch: {
    status: 400,
    message: 'x-amz-content-sha256 does not match the content received.',
  },
} as const satisfies Record<string, Kind>;

export type S3ErrorCode = keyof typeof KINDS;

export interface S3ErrorOptions {
  /** Further response headers, such as Content-Range with InvalidRange. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
}

/** An answer to a client other than success. `status` is the HTTP status. */
export class S3Error extends Error {
  override readonly name = 'S3Error';
  readonly code: S3ErrorCode;
  readonly status: number;
  readonly retryable: boolean;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: S3ErrorCode, message?: string, options: S3ErrorOptions = {}) {
    const kind: Kind = KINDS[code];
    super(message ?? kind.message, { cause: options.cause });
    this.code = code;
    this.status = kind.status;
    this.retryable = kind.retryable ?? false;
    this.headers = options.headers ?? {};
  }
}

export type S3ServerErrorCode =
  'PORT_TAKEN' | 'DIRECTORY_LOCKED' | 'BAD_OPTION' | 'OBJECT_UNREADABLE' | 'LISTEN_FAILED';

/** A server that cannot start, or a file of its directory that cannot be read. */
export class S3ServerError extends Error {
  override readonly name = 'S3ServerError';
  readonly code: S3ServerErrorCode;
  readonly retryable = false;

  constructor(code: S3ServerErrorCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

/** The `code` of a Node error such as ENOENT, or undefined. */
export function errnoOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
