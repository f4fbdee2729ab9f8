import { z } from 'zod';
import { must } from '../schema/expected.ts';
import { isTrustworthyUrl } from '../schema/secure-url.ts';

const MAX_AGE_SECONDS = 3600;
const MAX_TIMEOUT_MS = 60_000;

const ENDPOINT = 'an https URL without fragment (http on loopback only)';
const CREDENTIAL = 'what this API and the issuer agreed on';
const AUTHENTICATION = 'client_secret_basic or client_secret_post';
const MAX_AGE = `a number of seconds from 0 to ${MAX_AGE_SECONDS}: a revoked token lives on for as long`;
const TIMEOUT = `a whole number of milliseconds from 1 to ${MAX_TIMEOUT_MS}`;

const credential = z.string(must(CREDENTIAL)).min(1, must(CREDENTIAL));

/** The introspection options of one side, with their defaults filled in. */
export const introspectionSchema = z.strictObject(
  {
    endpoint: z
      .union([z.instanceof(URL), z.string()], must(ENDPOINT))
      .refine(
        (value) => URL.canParse(String(value)) && isTrustworthyUrl(new URL(value)) && new URL(value).hash === '',
        must(ENDPOINT),
      )
      .transform((value) => new URL(value))
      .optional(),
    clientId: credential,
    clientSecret: credential,
    authentication: z
      .enum(['client_secret_basic', 'client_secret_post'], must(AUTHENTICATION))
      .default('client_secret_basic'),
    response: z.enum(['json', 'jwt'], must('json or jwt')).default('json'),
    impliesAudience: z.boolean(must('true or false')).default(false),
    maxAgeSeconds: z.number(must(MAX_AGE)).min(0, must(MAX_AGE)).max(MAX_AGE_SECONDS, must(MAX_AGE)).default(30),
    timeoutMs: z.int(must(TIMEOUT)).min(1, must(TIMEOUT)).max(MAX_TIMEOUT_MS, must(TIMEOUT)).default(5000),
  },
  must('an object with clientId and clientSecret'),
);
