import { z } from 'zod';

/** The words for a wrong value, as zod takes them. */
export interface Expected {
  readonly error: (issue: { readonly input?: unknown }) => string;
}

/** States what a setting must be: `must be ...`, or `is required: ...` where it is missing. */
export function expected(what: string): Expected {
  return { error: ({ input }) => (input === undefined ? `is required: ${what}` : `must be ${what}`) };
}

/**
 * Checks an option that zod cannot look into, such as a clock or a store. Unlike a bare `z.custom`, a wrong one does not
 * stop rules over several fields, so all problems come at once.
 */
export function customOption<T>(isValid: (value: unknown) => boolean, what: string): z.ZodCustom<T, T> {
  return z.custom<T>(isValid, { ...expected(what), abort: false });
}

/** A text that is not empty. */
export function text(what: string): z.ZodString {
  return z.string(expected(what)).min(1, expected(what));
}

/** A list with at least one text, none of them empty. */
export function texts(what: string): z.ZodArray<z.ZodString> {
  const list = expected(`a list: each ${what}`);
  return z.array(text(what), list).min(1, list);
}

/**
 * Whether a value is an object and no array. As the `when` of a rule over several fields it lets the rule run even if
 * one of them is wrong, so all problems come at once.
 */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
