export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** What the server accepts unless told otherwise. A secret for a laptop only: the server binds to 127.0.0.1. */
export const DEFAULT_CREDENTIALS: Credentials = { accessKeyId: 'flts', secretAccessKey: 'flts-local-secret' };
