import { randomBytes } from 'node:crypto';

/** How an OAuth client makes itself known. */
export interface Credentials {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** Makes up a secret for a client. */
export function createCredentials(clientId: string): Credentials {
  return { clientId, clientSecret: randomBytes(24).toString('base64url') };
}
