import { ConfigError } from '@crossfade/core';
import { z } from 'zod';
import type { OpenSide, Validator } from '../judge/validator.ts';
import { handedIn } from '../schema/custom-option.ts';
import { schemaProblems } from '../schema/schema-problems.ts';
import { isTrustworthyUrl } from '../schema/secure-url.ts';

/** What an API says about itself. */
export interface ProtectedResourceOptions {
  /** Names the issuers, those of the sides that are open, and what tokens have to be bound to. */
  readonly validator: Pick<Validator, 'openSides' | 'dpopChallenge'>;
  /** The resource identifier of the API: an https URL without fragment (http on loopback only), RFC 9728 §1.2. */
  readonly resource: string;
  /** Scope values that clients may ask for. */
  readonly scopes?: readonly string[];
  /** The name of the API, for people. */
  readonly name?: string;
  /** Where developers can read about the API. */
  readonly documentation?: string;
}

/** The metadata of a protected resource (RFC 9728 §2). */
export interface ProtectedResourceMetadata {
  readonly resource: string;
  readonly authorization_servers: readonly string[];
  readonly bearer_methods_supported: readonly ['header'];
  readonly scopes_supported?: readonly string[];
  readonly resource_name?: string;
  readonly resource_documentation?: string;
  /** Where a side that is open asks for DPoP, or for either way of binding (RFC 9449). */
  readonly dpop_signing_alg_values_supported?: readonly string[];
  /** Where every side that is open asks for DPoP. */
  readonly dpop_bound_access_tokens_required?: true;
  /** Where a side that is open asks for certificates, or for either way of binding (RFC 8705). */
  readonly tls_client_certificate_bound_access_tokens?: true;
}

const RESOURCE = 'must be an https URL without fragment (http on loopback only), RFC 9728 §1.2';
export const resourceSchema = z
  .string(RESOURCE)
  .refine((text) => URL.canParse(text) && !text.includes('#') && isTrustworthyUrl(new URL(text)), RESOURCE);

const optionsSchema = z.strictObject({
  validator: handedIn<ProtectedResourceOptions['validator']>(isValidator, 'is required: a validator'),
  resource: resourceSchema,
  scopes: z.array(z.string().min(1)).optional(),
  name: z.string().min(1).optional(),
  documentation: z.url().optional(),
});

/**
 * Tells clients which issuers this API takes tokens from: those of both sides, target first, and only that of the
 * target once the legacy side is closed. Read it at every request, because the acceptance switch may move.
 * @throws {@link ConfigError} with every problem of the options.
 * @see RFC 9728 §2
 */
export function protectedResourceMetadata(options: ProtectedResourceOptions): ProtectedResourceMetadata {
  return readProtectedResource(options)();
}

/** Like {@link protectedResourceMetadata}; the options are checked once, the sides are read at every call. */
export function readProtectedResource(options: ProtectedResourceOptions): () => ProtectedResourceMetadata {
  const parsed = optionsSchema.safeParse(options);
  if (!parsed.success) throw new ConfigError('protected resource', schemaProblems(parsed.error));
  const { validator, resource, scopes, name, documentation } = parsed.data;
  const described = {
    ...(scopes === undefined ? {} : { scopes_supported: scopes }),
    ...(name === undefined ? {} : { resource_name: name }),
    ...(documentation === undefined ? {} : { resource_documentation: documentation }),
  };
  return () => {
    const sides = validator.openSides();
    return {
      resource,
      authorization_servers: [...new Set(sides.map(({ issuer }) => issuer))],
      bearer_methods_supported: ['header'],
      ...described,
      ...bindings(sides, validator),
    };
  };
}

/** What is asked for, rather than all that would be taken: whether a bound token can be proven is up to what is in front. */
function bindings(
  sides: readonly OpenSide[],
  validator: ProtectedResourceOptions['validator'],
): Partial<ProtectedResourceMetadata> {
  const asksFor = (way: 'dpop' | 'mtls') =>
    sides.some(({ senderConstrained }) => senderConstrained === way || senderConstrained === 'any');
  const isDpopOnly = sides.every(({ senderConstrained }) => senderConstrained === 'dpop');
  return {
    ...(asksFor('dpop') && { dpop_signing_alg_values_supported: validator.dpopChallenge().algorithms }),
    ...(isDpopOnly && { dpop_bound_access_tokens_required: true }),
    ...(asksFor('mtls') && { tls_client_certificate_bound_access_tokens: true }),
  };
}

function isValidator(value: unknown): boolean {
  const validator = value as Partial<Validator> | null | undefined;
  return typeof validator?.openSides === 'function' && typeof validator.dpopChallenge === 'function';
}

/**
 * Where the metadata of a resource has to be: the well-known path goes between host and path (RFC 9728 §3.1).
 * @param resource - a resource identifier, such as `https://api.example.com/orders`.
 */
export function protectedResourceMetadataUrl(resource: string): string {
  const { origin, pathname, search } = new URL(resource);
  return `${origin}/.well-known/oauth-protected-resource${pathname === '/' ? '' : pathname}${search}`;
}
