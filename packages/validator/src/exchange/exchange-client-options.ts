import { type Clock, ConfigError } from '@crossfade/core';
import {
  credential,
  expected,
  introspectionRules,
  isSecureUrl,
  SECURE_ENDPOINT,
  schemaProblems,
} from '@crossfade/core/schema';
import { z } from 'zod';

/** How this API asks for the JWT of an opaque token. */
export interface ExchangeClientOptions {
  /** An https URL (http on loopback only). */
  readonly endpoint: URL | string;
  /** The client id of this API at the issuer. */
  readonly clientId: string;
  readonly clientSecret: string;
  /** How the API authenticates (RFC 6749 §2.3.1). Default: `client_secret_basic`. */
  readonly authentication?: 'client_secret_basic' | 'client_secret_post';
  /** How long a JWT is used before its token is exchanged again: from 0 to 3600. Default: 30. */
  readonly maxAgeSeconds?: number;
  /** The timeout of a request; the API then responds with 503. From 1 to 60,000. Default: 5000. */
  readonly timeoutMs?: number;
  /** Default: `Date.now`. */
  readonly now?: Clock;
}

const { clientId, authentication, maxAgeSeconds, timeoutMs } = introspectionRules;

/** {@link ExchangeClientOptions}, with the defaults. */
export const exchangeClientRules = {
  endpoint: z
    .union([z.instanceof(URL), z.string()], expected(SECURE_ENDPOINT))
    .refine((value) => isSecureUrl(value) && new URL(value).hash === '', expected(SECURE_ENDPOINT))
    .transform((value) => new URL(value)),
  clientId,
  clientSecret: credential,
  authentication,
  maxAgeSeconds,
  timeoutMs,
  now: z
    .custom<Clock>((value) => typeof value === 'function', expected('a function that returns milliseconds'))
    .default(() => Date.now),
};

/**
 * Checks the options of an exchange.
 * @throws {@link ConfigError} with every problem.
 */
export function readExchangeOptions<T extends z.ZodType>(schema: T, options: unknown): z.output<T> {
  const parsed = schema.safeParse(options);
  if (!parsed.success) throw new ConfigError('exchange', schemaProblems(parsed.error, schema));
  return parsed.data;
}
