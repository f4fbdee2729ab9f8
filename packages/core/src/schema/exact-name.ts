import { z } from 'zod';
import { expected } from './expected.ts';

/** What makes a text no name that a token could carry, or a slip of the hand. */
const SLIPS: readonly (readonly [pattern: RegExp, what: string])[] = [
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what this looks for.
  [/[\u0000-\u001f\u007f-\u009f\u2028\u2029\ufeff]/u, 'a control character'],
  [/^\s|\s$/u, 'white space at an end'],
  [/[{}]|<[^>]*>|\$\(/u, 'a template, such as {tenantid}: write the value that tokens carry'],
  [/\*/u, 'a wildcard: values are compared character by character'],
  [/^(?:undefined|null|NaN|\[object \w+\])$/u, 'what a missing value turns into: check where it comes from'],
];

/** The slip in a name, for people; `undefined` if there is none. */
export function slipIn(name: string): string | undefined {
  return SLIPS.find(([pattern]) => pattern.test(name))?.[1];
}

/** A name that is compared character by character with what tokens carry. */
export function exactName(what: string): z.ZodString {
  return z.string(expected(what)).check((context) => {
    const slip = context.value === '' ? '' : slipIn(context.value);
    if (slip === undefined) return;
    const message = slip === '' ? `must be ${what}` : `must be ${what}; it contains ${slip}`;
    context.issues.push({ code: 'custom', message, input: context.value, continue: true });
  });
}

/** One name, or a list of names for the same thing: the first one is what it is called. */
export function exactNames(what: string): z.ZodUnion<[z.ZodString, z.ZodArray<z.ZodString>]> {
  const list = expected(`${what}, or a list of them`);
  return z.union([exactName(what), z.array(exactName(what), list).min(1, list)], list);
}
