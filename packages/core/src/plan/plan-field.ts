import { z } from 'zod';
import { expected } from '../schema/expected.ts';
import { DURATION_PATTERN, parseDurationMs } from '../vocabulary/duration.ts';

const DURATION = 'a duration such as 15s, 5m, 24h or 30d';
/** A duration, in milliseconds. */
export const duration = z
  .string(expected(DURATION))
  .regex(DURATION_PATTERN, expected(DURATION))
  .transform((value) => parseDurationMs(value) as number);

export const HTTP_URL = 'an http or https URL';
const PERCENT_ENCODED = 'an http or https URL with percent-encoded credentials: write % as %25, @ as %40';
const CREDENTIALS = /^https?:\/\/([^/?#]*)@/i;
/** Credentials in it are percent-encoded: whatever sends them decodes them. */
export const httpUrl = z
  .url({ protocol: /^https?$/, ...expected(HTTP_URL) })
  .refine((url) => isPercentEncoded(CREDENTIALS.exec(url)?.[1] ?? ''), expected(PERCENT_ENCODED));

export function isPercentEncoded(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

/** Splits a list that an environment variable holds, separated by commas; leaves everything else as it is. */
export function splitList(value: unknown): unknown {
  return typeof value === 'string' ? value.split(',').map((item) => item.trim()) : value;
}
