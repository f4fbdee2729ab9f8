import { z } from 'zod';
import { expected } from './expected.ts';
import { isSecureUrl } from './secure-url.ts';

/** What a plan and a program say of an endpoint that gets tokens and secrets. */
export const SECURE_ENDPOINT = 'an https URL without fragment (http on loopback only)';

/** An endpoint as it is written in a plan. */
export const secureEndpoint = z
  .string(expected(SECURE_ENDPOINT))
  .refine((url) => isSecureUrl(url) && !url.includes('#'), expected(SECURE_ENDPOINT));

const SECRET_NAME = 'the name of an environment variable, which holds the secret';

/** A plan names the environment variable that holds a secret; it never holds the secret. */
export const secretName = z.string(expected(SECRET_NAME)).regex(/^[A-Za-z_]\w*$/, expected(SECRET_NAME));
