/** Bytes of a body that the HTTP layer carries in: 10 MB offline. (A Lambda's 6 MB are guarded by API Gateway itself.) */
export const UPLOAD_LIMIT = 10_000_000;
/** Bytes of an object that go out as a body: as base64 they stay below a Lambda's 6 MB. */
export const DOWNLOAD_LIMIT = 4_500_000;
/** Seconds. */
export const URL_LIFETIME_S = 3600;
