import { z } from 'zod';
import { expected } from '../schema/expected.ts';
import type { UrlParts } from '../schema/secure-url.ts';
import { isPercentEncoded } from './plan-field.ts';

// Every runtime has it, but core is compiled without the types of any.
declare const URL: { new (text: string): UrlParts; canParse(text: string): boolean };

const REDIS_URL = 'a URL such as rediss://user:password@redis.example.com:6379/0, its password percent-encoded';
const REDIS_URL_PATTERN = /^rediss?:\/\/[^\s/?#]+(?:\/\d*)?$/;

/** The plan's `revocation` section. */
export const revocationSchema = z.strictObject(
  {
    redis: z
      .string(expected(REDIS_URL))
      .regex(REDIS_URL_PATTERN, expected(REDIS_URL))
      .refine((url) => !REDIS_URL_PATTERN.test(url) || isUsable(url), expected(REDIS_URL)),
    by: z.enum(['jti', 'sid', 'sub'], expected('jti, sid or sub')),
  },
  expected('a mapping with redis and by'),
);

/** Whether a Redis client can read the URL, credentials included. */
function isUsable(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { username, password } = new URL(url);
  return isPercentEncoded(username + password);
}
