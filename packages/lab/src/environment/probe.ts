import type { MigrationPlan, Side } from '@crossfade/core';
import * as oauth from 'openid-client';
import { request } from 'undici';
import type { Credentials } from '../identity/credentials.ts';

/** Requests orders with a real token of one side. Its requests are not counted in the ledger. */
export interface Probe extends Credentials {
  /** The token endpoint for its credentials, for separate programs such as load generators. */
  readonly tokenEndpoint: string;
  /** @returns the status of the response. */
  request(baseUrl: string, side: Side): Promise<number>;
}

/** Creates a probe that uses the client credentials grant. */
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
    async request(baseUrl, side) {
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
