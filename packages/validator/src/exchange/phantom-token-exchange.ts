import { isIssuerUrl } from '@crossfade/core/schema';
import { z } from 'zod';
import { authenticatedPost } from '../introspection/introspection-request.ts';
import { mediaTypeOf, readResponseText } from '../introspection/introspection-response.ts';
import { openTokenEndpoint, unusableStatus } from '../introspection/token-endpoint.ts';
import { UnusableResponseError } from '../introspection/unusable-response-error.ts';
import { parseStrictJson } from '../jwt/strict-json.ts';
import { findIntrospectionUrl } from '../keys/issuer-metadata.ts';
import { type ExchangeClientOptions, exchangeClientRules, readExchangeOptions } from './exchange-client-options.ts';
import type { TokenExchange } from './token-exchange.ts';

/** Options of {@link createPhantomTokenExchange}: the endpoint, or the issuer whose metadata names it. */
export interface PhantomTokenExchangeOptions extends Omit<ExchangeClientOptions, 'endpoint'> {
  /** The introspection endpoint: an https URL (http on loopback only). Absent: found in the metadata of `issuer`. */
  readonly endpoint?: URL | string;
  /** The issuer; a list holds every spelling of it. Absent: `endpoint` has to be given. */
  readonly issuer?: string | readonly string[];
}

const ISSUER = 'an https URL (http on loopback only), or a list with at least one, where endpoint is left out';
const schema = z
  .strictObject({
    ...exchangeClientRules,
    endpoint: exchangeClientRules.endpoint.optional(),
    issuer: z
      .union([z.string(), z.array(z.string()).min(1)])
      .transform((names) => [names].flat())
      .optional(),
  })
  .refine(({ endpoint, issuer }) => endpoint !== undefined || issuer?.some(isIssuerUrl), {
    path: ['issuer'],
    error: `must be ${ISSUER}`,
  });

const JWT = 'application/jwt';

/**
 * Creates an exchange at an introspection endpoint that gives an access-token JWT to a request that accepts
 * `application/jwt`, as Curity's phantom tokens do. A token that is not active gets 204, or JSON that says so.
 *
 * @throws {@link ConfigError} with every problem of the options.
 * @example
 * const exchange = createPhantomTokenExchange({ issuer, clientId: 'orders-gateway', clientSecret });
 */
export function createPhantomTokenExchange(options: PhantomTokenExchangeOptions): TokenExchange {
  const { endpoint, issuer = [], maxAgeSeconds, timeoutMs, now, ...client } = readExchangeOptions(schema, options);
  const { ask, close } = openTokenEndpoint({
    name: `the introspection endpoint of ${issuer[0] ?? endpoint}`,
    dependency: 'exchange',
    endpoint: endpoint ?? ((signal) => findIntrospectionUrl(issuer, signal)),
    timeoutMs,
    now,
    request: (token) => authenticatedPost({ token, token_type_hint: 'access_token' }, client, JWT),
    read: readPhantomResponse,
  });
  return { exchange: ask, maxAgeSeconds, close };
}

async function readPhantomResponse(response: Response): Promise<string | undefined> {
  if (response.status === 204) return undefined;
  if (response.status !== 200) throw await unusableStatus(response, 'introspection.clientId and clientSecret');
  const text = await readResponseText(response);
  if (mediaTypeOf(response) === JWT) return text.trim();
  if (parseStrictJson(text)?.['active'] === false) return undefined;
  throw new UnusableResponseError(`does not return ${JWT}: it gives no phantom tokens`);
}
