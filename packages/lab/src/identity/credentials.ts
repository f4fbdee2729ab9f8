import { randomBytes } from 'node:crypto';

/** The credentials of an OAuth client. */
export interface Credentials {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** Creates credentials with a random secret. */
export function createCredentials(clientId: string): Credentials {
  return { clientId, clientSecret: randomBytes(24).toString('base64url') };
}
