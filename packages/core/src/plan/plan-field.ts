import { z } from 'zod';
import { DURATION_PATTERN, parseDurationMs } from '../vocabulary/duration.ts';

/** States what a field must be; a missing one is said to be missing. */
export function must(expected: string): { error: (issue: { input?: unknown }) => string } {
  return { error: (issue) => (issue.input === undefined ? `is required: ${expected}` : `must be ${expected}`) };
}

/** Cross-field rules run even when a field is wrong, so that all problems come at once. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A text that is not empty. */
export const text = (expected: string) => z.string(must(expected)).min(1, must(expected));
export const texts = (expected: string) =>
  z.array(text(expected), must(`a list: each ${expected}`)).min(1, must(`a list: each ${expected}`));

const DURATION = 'a duration such as 15s, 5m, 24h or 30d';
/** A duration, in milliseconds. */
export const duration = z
  .string(must(DURATION))
  .regex(DURATION_PATTERN, must(DURATION))
  .transform((value) => parseDurationMs(value) as number);

export const HTTP_URL = 'an http or https URL';
export const httpUrl = z.url({ protocol: /^https?$/, ...must(HTTP_URL) });
