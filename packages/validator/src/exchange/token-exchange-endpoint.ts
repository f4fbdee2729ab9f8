import { z } from 'zod';
import { authenticatedPost } from '../introspection/introspection-request.ts';
import { readResponseText } from '../introspection/introspection-response.ts';
import { openTokenEndpoint, unusableStatus } from '../introspection/token-endpoint.ts';
import { UnusableResponseError } from '../introspection/unusable-response-error.ts';
import { parseStrictJson } from '../jwt/strict-json.ts';
import { type ExchangeClientOptions, exchangeClientRules, readExchangeOptions } from './exchange-client-options.ts';
import type { TokenExchange } from './token-exchange.ts';

const schema = z.strictObject(exchangeClientRules);

const TYPE = 'urn:ietf:params:oauth:token-type:';
const ACCESS_TOKEN = `${TYPE}access_token`;
const JWT_TYPES: readonly unknown[] = [undefined, ACCESS_TOKEN, `${TYPE}jwt`];
/** What an invalid subject token gets: the first by RFC 8693 §2.2.2, the other from servers that follow RFC 6749 §5.2. */
const INACTIVE: readonly unknown[] = ['invalid_request', 'invalid_grant'];

/**
 * Creates an exchange at a token endpoint (RFC 8693): the opaque token is the subject token, and an access token is asked
 * for, which has to be a JWT.
 *
 * @throws {@link ConfigError} with every problem of the options.
 * @example
 * const exchange = createTokenExchange({ endpoint, clientId: 'orders-gateway', clientSecret });
 */
export function createTokenExchange(options: ExchangeClientOptions): TokenExchange {
  const { endpoint, maxAgeSeconds, timeoutMs, now, ...client } = readExchangeOptions(schema, options);
  const members = (token: string) => ({
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    subject_token: token,
    subject_token_type: ACCESS_TOKEN,
    requested_token_type: ACCESS_TOKEN,
  });
  const { ask, close } = openTokenEndpoint({
    name: `the token exchange at ${endpoint}`,
    dependency: 'exchange',
    endpoint,
    timeoutMs,
    now,
    request: (token) => authenticatedPost(members(token), client, 'application/json'),
    read: readExchangeResponse,
  });
  return { exchange: ask, maxAgeSeconds, close };
}

async function readExchangeResponse(response: Response): Promise<string | undefined> {
  if (response.status === 400) return readError(response);
  if (response.status !== 200) throw await unusableStatus(response, 'exchange.clientId and its secret');
  const json = parseStrictJson(await readResponseText(response));
  const [token, type] = [json?.['access_token'], json?.['issued_token_type']];
  if (typeof token !== 'string')
    throw new UnusableResponseError('sent a response without access_token (RFC 8693 §2.2.1)');
  if (!JWT_TYPES.includes(type)) throw new UnusableResponseError('issued another type of token than an access token');
  return token;
}

async function readError(response: Response): Promise<undefined> {
  const error = parseStrictJson(await readResponseText(response))?.['error'];
  if (INACTIVE.includes(error)) return undefined;
  throw new UnusableResponseError(
    'answered 400: check whether exchange.clientId may exchange tokens, and for an access token',
    response,
  );
}
