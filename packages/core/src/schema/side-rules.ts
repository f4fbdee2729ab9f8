import { z } from 'zod';
import { expected, isObject, text, texts } from './expected.ts';
import { isSecureUrl } from './secure-url.ts';

const ISSUER = 'an https URL without credentials, query, fragment and white space (http on loopback only), RFC 8414 §2';
const issuer = z
  .string(expected(ISSUER))
  .refine((value) => isSecureUrl(value) && !/[?#\s]/.test(value), expected(ISSUER))
  .meta({ format: 'uri' });

/** A dot is a letter of a claim's name like any other; Keycloak's nested claims are paths, not names. */
const NO_DOTTED_PATH = /^(?!(?:realm|resource)_access\.)/;
const ROLES_CLAIM = 'the name of a claim, or a list that leads to a nested one: [realm_access, roles]';
const claimName = text(ROLES_CLAIM);
const rolesClaim = z.union(
  [
    claimName.regex(NO_DOTTED_PATH, expected(ROLES_CLAIM)),
    z.array(claimName, expected(ROLES_CLAIM)).min(1, expected(ROLES_CLAIM)).max(8, expected(ROLES_CLAIM)),
  ],
  expected(ROLES_CLAIM),
);

const scalar = z.union([z.string(), z.number(), z.boolean()], expected('a string, a number or a boolean'));

/** What the plan and the options of a validator both say of a side: one rule for each setting. */
export const sideRules = {
  issuer,
  audience: text('the aud value of this side').optional(),
  clientIds: texts('a client id').optional(),
  typ: z.literal('at+jwt', expected('at+jwt, or left out')).optional(),
  requiredScope: texts('a scope value').optional(),
  allowedClients: texts('a client id').optional(),
  claims: z.record(z.string(), z.union([scalar, z.array(scalar).min(1)], expected('a value or a list'))).optional(),
  rolesClaim: rolesClaim.optional(),
};

/** A side is known by exactly one of `audience` and `clientIds`. */
export const oneIdentity = {
  isMet: (side: { readonly audience?: unknown; readonly clientIds?: unknown }): boolean =>
    (side.audience === undefined) !== (side.clientIds === undefined),
  otherwise: {
    when: ({ value }: { readonly value: unknown }): boolean => isObject(value),
    path: ['audience'],
    error: 'is required: the aud value of this side, or clientIds for access tokens without aud; never both',
  },
};
