import type { MigrationPlan, Side } from '@crossfade/core';
import * as oauth from 'openid-client';
import { request } from 'undici';
import type { Credentials } from '../identity/credentials.ts';

/** Asks an API for its orders with a real token of one side; not a client of the population, and not counted as one. */
export interface Probe extends Credentials {
  /** Where its credentials buy tokens; for load generators that are programs of their own. */
  readonly tokenEndpoint: string;
  /** @returns the status of the answer. */
  ask(baseUrl: string, side: Side): Promise<number>;
}

/** Creates a probe with client credentials of its own. */
export async function createProbe(plan: MigrationPlan, credentials: Credentials): Promise<Probe> {
  const configuration = await oauth.discovery(
    new URL(plan.target.issuer),
    credentials.clientId,
    undefined,
    oauth.ClientSecretBasic(credentials.clientSecret),
    { execute: [oauth.allowInsecureRequests] },
  );
  return {
    ...credentials,
    tokenEndpoint: configuration.serverMetadata().token_endpoint ?? '',
    async ask(baseUrl, side) {
      const { scope, resource } = plan[side];
      const parameters = { scope, ...(resource !== undefined && { resource }) };
      const { access_token } = await oauth.clientCredentialsGrant(configuration, parameters);
      const headers = { authorization: `Bearer ${access_token}` };
      const { statusCode, body } = await request(`${baseUrl}/orders`, { headers });
      await body.dump();
      return statusCode;
    },
  };
}
