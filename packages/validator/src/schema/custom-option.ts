import { z } from 'zod';

/**
 * Checks a part that a program hands in, such as a clock: a schema can't look into it. Unlike `z.custom` by itself, a
 * wrong one does not keep the rules over several fields from being looked at, so that all problems come at once.
 */
export function handedIn<T>(
  isRight: (value: unknown) => boolean,
  error: string | ((issue: { input?: unknown }) => string),
): z.ZodCustom<T, T> {
  return z.custom<T>(isRight, { error, abort: false });
}
