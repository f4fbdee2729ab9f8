import { ConfigError } from '@crossfade/core';
import { customOption, isObject, isSecureUrl, schemaProblems } from '@crossfade/core/schema';
import { z } from 'zod';
import type { OpenSide, Validator } from '../judge/validator.ts';
import { publicUrlSchema, resourceOf } from './public-url-option.ts';

/** Options of the metadata of an API. */
export interface ProtectedResourceOptions {
  /** Names the issuers of the open sides, and what tokens have to be bound to. */
  readonly validator: Pick<Validator, 'openSides' | 'dpopChallenge'>;
  /**
   * The resource identifier of the API: an https URL without fragment (http on loopback only), RFC 9728 §1.2.
   * Default: `publicUrl`; one of the two is required.
   */
  readonly resource?: string;
  /**
   * The public URL of this server's path `/`, the same as the guard's. Behind a proxy that strips its path, the document
   * is served for requests with and without that path.
   */
  readonly publicUrl?: string;
  /** Scope values that clients may request. */
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
  /** Present when an open side demands DPoP, or either way of binding (RFC 9449). */
  readonly dpop_signing_alg_values_supported?: readonly string[];
  /** Present when every open side demands DPoP. */
  readonly dpop_bound_access_tokens_required?: true;
  /** Present when an open side demands certificates, or either way of binding (RFC 8705). */
  readonly tls_client_certificate_bound_access_tokens?: true;
}

const RESOURCE = 'must be an https URL without fragment (http on loopback only), RFC 9728 §1.2';
export const resourceSchema = z.string(RESOURCE).refine((text) => isSecureUrl(text) && !text.includes('#'), RESOURCE);

const optionsSchema = z
  .strictObject({
    validator: customOption<ProtectedResourceOptions['validator']>(
      isValidator,
      'a validator, with openSides and dpopChallenge',
    ),
    resource: resourceSchema.optional(),
    publicUrl: publicUrlSchema.optional(),
    scopes: z.array(z.string().min(1)).optional(),
    name: z.string().min(1).optional(),
    documentation: z.url().optional(),
  })
  .refine(({ resource, publicUrl }) => resource !== undefined || resourceOf(publicUrl) !== undefined, {
    when: ({ value }) => isObject(value) && value['resource'] === undefined,
    path: ['resource'],
    error: RESOURCE,
  });

/**
 * Tells clients which issuers' tokens this API accepts: those of both sides, target first, and only the target's once
 * the legacy side is closed. Read it at every request, because the acceptance switch may move.
 * @throws {@link ConfigError} with every problem of the options.
 * @see RFC 9728 §2
 */
export function protectedResourceMetadata(options: ProtectedResourceOptions): ProtectedResourceMetadata {
  return readProtectedResource(options).metadata();
}

/** The metadata document of an API, ready to be served by any server. Header names are in lower case. */
export interface ProtectedResourceResponse {
  /**
   * The paths at which it has to be served, from the root of the host: the one of RFC 9728 §3.1 first, then what is left
   * of it behind a proxy that strips the path of `publicUrl`.
   */
  readonly paths: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  body(): string;
}

/** A change of the acceptance switch has to reach clients soon, and clients rarely fetch the document. */
const HEADERS = { 'content-type': 'application/json', 'cache-control': 'public, max-age=60' };

/** @throws `ConfigError` with every problem of the options. */
export function createProtectedResourceResponse(options: ProtectedResourceOptions): ProtectedResourceResponse {
  const { resource, publicUrl, metadata } = readProtectedResource(options);
  const { pathname } = new URL(protectedResourceMetadataUrl(resource));
  const paths = [pathname, ...strippedPath(resource, publicUrl)];
  return { paths, headers: HEADERS, body: () => JSON.stringify(metadata()) };
}

/** The path of the document once a proxy has stripped the path of the public URL from it; none where there is no such path. */
function strippedPath(resource: string, publicUrl: string | undefined): readonly string[] {
  if (publicUrl === undefined) return [];
  const { origin, pathname } = new URL(publicUrl);
  const [base, path] = [`${origin}${pathname}`, resource.replace(/\/+$/, '')];
  if (pathname === '/' || (path !== base && !path.startsWith(`${base}/`))) return [];
  return [new URL(protectedResourceMetadataUrl(`${origin}${path.slice(base.length)}`)).pathname];
}

/** The options, checked once; `metadata` reads the sides at every call. */
interface ReadOptions {
  readonly resource: string;
  readonly publicUrl: string | undefined;
  readonly metadata: () => ProtectedResourceMetadata;
}

function readProtectedResource(options: ProtectedResourceOptions): ReadOptions {
  const parsed = optionsSchema.safeParse(options);
  if (!parsed.success) throw new ConfigError('protected resource', schemaProblems(parsed.error, optionsSchema));
  const { validator, publicUrl, scopes, name, documentation } = parsed.data;
  // The schema demands one of the two.
  const resource = parsed.data.resource ?? (publicUrl as string);
  const described = {
    ...(scopes === undefined ? {} : { scopes_supported: scopes }),
    ...(name === undefined ? {} : { resource_name: name }),
    ...(documentation === undefined ? {} : { resource_documentation: documentation }),
  };
  const metadata = (): ProtectedResourceMetadata => {
    const sides = validator.openSides();
    return {
      resource,
      authorization_servers: [...new Set(sides.map(({ issuer }) => issuer))],
      bearer_methods_supported: ['header'],
      ...described,
      ...bindings(sides, validator),
    };
  };
  return { resource, publicUrl, metadata };
}

/** Names what is demanded, not all that is accepted: whether a bound token can be proven depends on the proxy in front. */
function bindings(
  sides: readonly OpenSide[],
  validator: ProtectedResourceOptions['validator'],
): Partial<ProtectedResourceMetadata> {
  const demands = (way: 'dpop' | 'mtls') =>
    sides.some(({ senderConstrained }) => senderConstrained === way || senderConstrained === 'any');
  const isDpopOnly = sides.every(({ senderConstrained }) => senderConstrained === 'dpop');
  return {
    ...(demands('dpop') && { dpop_signing_alg_values_supported: validator.dpopChallenge().algorithms }),
    ...(isDpopOnly && { dpop_bound_access_tokens_required: true }),
    ...(demands('mtls') && { tls_client_certificate_bound_access_tokens: true }),
  };
}

function isValidator(value: unknown): boolean {
  const validator = value as Partial<Validator> | null | undefined;
  return typeof validator?.openSides === 'function' && typeof validator.dpopChallenge === 'function';
}

/**
 * The URL of the metadata of a resource: the well-known path goes between host and path (RFC 9728 §3.1).
 * @param resource - a resource identifier, such as `https://api.example.com/orders`.
 */
export function protectedResourceMetadataUrl(resource: string): string {
  const { origin, pathname, search } = new URL(resource);
  return `${origin}/.well-known/oauth-protected-resource${pathname === '/' ? '' : pathname}${search}`;
}
