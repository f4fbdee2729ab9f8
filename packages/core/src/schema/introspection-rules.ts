import { z } from 'zod';
import { expected } from './expected.ts';

const MAX_AGE_SECONDS = 3600;
const MAX_TIMEOUT_MS = 60_000;

const CREDENTIAL = 'the credentials of this API at the issuer';
const AUTHENTICATION = 'client_secret_basic or client_secret_post';
const MAX_AGE = `a number of seconds from 0 to ${MAX_AGE_SECONDS}: a revoked token stays accepted for as long`;
const TIMEOUT = `a whole number of milliseconds from 1 to ${MAX_TIMEOUT_MS}`;

/** A client id or a secret. */
export const credential = z.string(expected(CREDENTIAL)).min(1, expected(CREDENTIAL));

/** What the plan and the options of a validator both say of introspection; the secret and the endpoint differ in form. */
export const introspectionRules = {
  clientId: credential,
  authentication: z
    .enum(['client_secret_basic', 'client_secret_post'], expected(AUTHENTICATION))
    .default('client_secret_basic'),
  response: z.enum(['json', 'jwt'], expected('json or jwt')).default('json'),
  impliesAudience: z.boolean(expected('true or false')).default(false),
  maxAgeSeconds: z
    .number(expected(MAX_AGE))
    .min(0, expected(MAX_AGE))
    .max(MAX_AGE_SECONDS, expected(MAX_AGE))
    .default(30),
  timeoutMs: z.int(expected(TIMEOUT)).min(1, expected(TIMEOUT)).max(MAX_TIMEOUT_MS, expected(TIMEOUT)).default(5000),
};
