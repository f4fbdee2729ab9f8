import { z } from 'zod';
import { SIGNATURE_ALGORITHMS } from '../vocabulary/signature-algorithm.ts';
import { exactName, exactNames, slipIn } from './exact-name.ts';
import { expected, isObject, text, texts } from './expected.ts';
import { introspectionRules } from './introspection-rules.ts';
import { secretName, secureEndpoint } from './secure-endpoint.ts';
import { isSecureUrl } from './secure-url.ts';

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

const SECURE_URL = 'an https URL (http on loopback only)';
const JWKS = 'a JSON Web Key Set with public keys';
export const KEYS = `${SECURE_URL}, { url, allowHttp: true } for an http URL in a network that you trust, or ${JWKS}`;
const HTTP_URL = 'an http or https URL without credentials';
const isHttpUrl = (url: string) => isSecureUrl(url.replace(/^http:/, 'https:'));
const PRIVATE_MEMBERS = ['d', 'k', 'p', 'q', 'dp', 'dq', 'qi'];

/** A JWKS (RFC 7517 §5) as it is written in a file: public keys only. */
const jwksRule = z
  .looseObject(
    { keys: z.array(z.record(z.string(), z.unknown()), expected(JWKS)).min(1, expected(JWKS)) },
    expected(JWKS),
  )
  .refine(({ keys }) => !keys.some((key) => PRIVATE_MEMBERS.some((name) => key[name] !== undefined)), {
    error: 'must not hold private or symmetric keys, because with them a reader could sign tokens',
  });
const keysElsewhere = z.strictObject({
  url: z.string(expected(HTTP_URL)).refine(isHttpUrl, expected(HTTP_URL)),
  allowHttp: z.literal(true, expected('true: it says that the network on the way is trusted')),
});
const keys = z.union(
  [z.string(expected(KEYS)).refine(isSecureUrl, expected(KEYS)), keysElsewhere, jwksRule],
  expected(KEYS),
);

const ALGORITHM = `an asymmetric signature algorithm: ${SIGNATURE_ALGORITHMS.join(', ')}`;
const ALGORITHMS = 'a list with at least one algorithm';
const FOREIGN = 'refuse, or a list of the aud values that are allowed';
const ANY_AUDIENCE = 'true, or left out';

/** What the plan and the options of a validator both say of a side: one rule for each setting. */
export const sideRules = {
  issuer: exactNames("the iss value of this side's tokens"),
  audience: exactNames('the aud value of this side').optional(),
  clientIds: z
    .array(exactName('a client id'), expected('a list: each a client id'))
    .min(1, expected('a list: each a client id'))
    .optional(),
  withoutAudience: z.literal(true, expected('true, or left out')).optional(),
  anyAudience: z.literal(true, expected(ANY_AUDIENCE)).optional(),
  acknowledgeRisk: z.literal(true, expected(ANY_AUDIENCE)).optional(),
  keys: keys.optional(),
  algorithms: z
    .array(z.enum(SIGNATURE_ALGORITHMS, expected(ALGORITHM)), expected(ALGORITHMS))
    .min(1, expected(ALGORITHMS))
    .optional(),
  typ: z.literal('at+jwt', expected('at+jwt, or left out')).optional(),
  requiredScope: texts('a scope value').optional(),
  allowedClients: texts('a client id').optional(),
  senderConstrained: z.enum(['dpop', 'mtls', 'any'], expected('dpop, mtls, any, or left out')).optional(),
  claims: z.record(z.string(), z.union([scalar, z.array(scalar).min(1)], expected('a value or a list'))).optional(),
  rolesClaim: rolesClaim.optional(),
  foreignAudiences: z
    .union([z.literal('refuse'), z.array(exactName('an aud value')).min(1)], expected(FOREIGN))
    .optional(),
  introspection: z
    .strictObject(
      {
        ...introspectionRules,
        endpoint: secureEndpoint.optional(),
        clientSecretEnv: secretName,
      },
      expected('a mapping with clientId and clientSecretEnv'),
    )
    .optional(),
};

const IDENTITIES = ['audience', 'clientIds', 'withoutAudience', 'anyAudience'] as const;

/** A rule over several settings of a side, as zod's `refine` takes it. */
interface SideRule {
  readonly isMet: (side: Readonly<Record<string, unknown>>) => boolean;
  readonly otherwise: {
    readonly when: (payload: { readonly value: unknown }) => boolean;
    readonly path: string[];
    readonly error: string | ((issue: { readonly input?: unknown }) => string);
  };
}

const when = ({ value }: { readonly value: unknown }): boolean => isObject(value);

const NO_IDENTITY =
  'is required: the aud value of this side, or a list of them; instead of it, exactly one of clientIds (access tokens without aud, by client), withoutAudience: true, or anyAudience: true (legacy only)';

/** A side is known by exactly one of its identities. */
const oneIdentity: SideRule = {
  isMet: (side) => identitiesIn(side).length === 1,
  otherwise: {
    when,
    path: ['audience'],
    error: ({ input }) => {
      const found = identitiesIn(input as Readonly<Record<string, unknown>>);
      if (found.length === 0) return NO_IDENTITY;
      return `must stand alone: found ${listed(found)}; a side is known by exactly one of ${IDENTITIES.join(', ')}`;
    },
  },
};

function identitiesIn(side: Readonly<Record<string, unknown>>): readonly string[] {
  return IDENTITIES.filter((name) => side[name] !== undefined);
}

/** As a sentence lists names: `a, b and c`. */
function listed(names: readonly string[]): string {
  return names.join(', ').replace(/, (?=[^,]*$)/, ' and ');
}

const ISSUER =
  'an https URL without credentials, query, fragment and white space (http on loopback only), RFC 8414 §2; any other name needs keys, because nothing can be fetched from it';

/** Metadata is fetched from the issuer, unless its keys are given. A name with a problem of its own has that one only. */
const fetchableIssuer: SideRule = {
  isMet: ({ issuer, keys: given }) => {
    const names = [issuer].flat();
    return given !== undefined || !names.every(isName) || names.some(hasCredentials) || names.some(isIssuerUrl);
  },
  otherwise: { when, path: ['issuer'], error: `must be ${ISSUER}` },
};

/** Without metadata, the endpoint is found nowhere. */
const findableEndpoint: SideRule = {
  isMet: ({ issuer, keys: given, introspection }) => {
    const names = [issuer].flat();
    const hasEndpoint = !isObject(introspection) || introspection['endpoint'] !== undefined;
    return hasEndpoint || given === undefined || !names.every(isName) || names.some(isIssuerUrl);
  },
  otherwise: {
    when,
    path: ['introspection', 'endpoint'],
    error: 'is required where no spelling of the issuer is an https URL: there is no metadata to find it in',
  },
};

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && slipIn(value) === undefined;
}

function hasCredentials(name: string): boolean {
  return /^https?:\/\/[^/?#]*@/i.test(name);
}

/** Whether metadata can be fetched from an issuer of this name. */
export function isIssuerUrl(name: string): boolean {
  return isSecureUrl(name) && !/[?#\s]/.test(name);
}

/** Credentials in a name would be printed. */
const issuerWithoutCredentials: SideRule = {
  isMet: ({ issuer }) => ![issuer].flat().some((name) => isName(name) && hasCredentials(name)),
  otherwise: { when, path: ['issuer'], error: 'must not hold credentials' },
};

/** Other audiences stand next to one of this side's. */
const foreignNextToOwn: SideRule = {
  isMet: ({ audience, foreignAudiences }) => foreignAudiences === undefined || audience !== undefined,
  otherwise: {
    when,
    path: ['foreignAudiences'],
    error: 'must be left out without audience: such a side takes tokens without aud, or with any',
  },
};

/** Every rule over several settings of one side. */
export const SIDE_RULES: readonly SideRule[] = [
  oneIdentity,
  fetchableIssuer,
  findableEndpoint,
  issuerWithoutCredentials,
  foreignNextToOwn,
];
