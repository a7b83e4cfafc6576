import type { AccessSettings } from '../settings/settings.ts';

const ADMIN_TOKEN = 'a-token-of-tests';

/** Reads and uploads for anyone, the rest for the token, as on a laptop. */
export const OPEN_ACCESS: AccessSettings = { ADMIN_TOKEN, PUBLIC_READS: true, PUBLIC_UPLOADS: true };

/** Headers of whoever has the token. */
export const ADMIN = { authorization: `Bearer ${ADMIN_TOKEN}` };
