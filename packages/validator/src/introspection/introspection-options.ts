import type { Side } from '@crossfade/core';
import {
  credential,
  expected,
  introspectionRules,
  isIssuerUrl,
  isSecureUrl,
  SECURE_ENDPOINT,
} from '@crossfade/core/schema';
import { z } from 'zod';

/**
 * How the opaque tokens of one side are introspected (RFC 7662): tokens that are not JWTs, so that only their issuer
 * knows what they say. JWTs are always verified locally, and introspected only on routes with `introspect: 'always'`.
 */
export interface IntrospectionOptions {
  /** An https URL (http on loopback only). Absent: `introspection_endpoint` of the issuer's metadata. */
  readonly endpoint?: URL | string;
  /** The client id of this API at the issuer. */
  readonly clientId: string;
  readonly clientSecret: string;
  /** How the API authenticates (RFC 6749 §2.3.1). Default: `client_secret_basic`. */
  readonly authentication?: 'client_secret_basic' | 'client_secret_post';
  /**
   * `jwt` requires responses that the issuer signed for this API (RFC 9701). `json` requests plain ones; a response
   * that is signed anyway is verified. Default: `json`.
   */
  readonly response?: 'json' | 'jwt';
  /**
   * `true`: the endpoint calls only tokens of this side's audience active, so a response without `aud` implies it; its
   * `token_type` must then declare an access token. Default: `false`, which rejects such a token with `wrong_audience`.
   */
  readonly impliesAudience?: boolean;
  /**
   * How long a response is cached, at most until the token expires: a revoked token stays accepted for as long. From 0,
   * which introspects every time, to 3600. Default: 30.
   */
  readonly maxAgeSeconds?: number;
  /** The timeout of an introspection request; the API then responds with 503. From 1 to 60,000. Default: 5000. */
  readonly timeoutMs?: number;
}

/** {@link IntrospectionOptions} with defaults. */
export const introspectionSchema = z.strictObject(
  {
    ...introspectionRules,
    endpoint: z
      .union([z.instanceof(URL), z.string()], expected(SECURE_ENDPOINT))
      .refine((value) => isSecureUrl(value) && new URL(value).hash === '', expected(SECURE_ENDPOINT))
      .transform((value) => new URL(value))
      .optional(),
    clientSecret: credential,
  },
  expected('an object with clientId and clientSecret'),
);

/** Where and how to introspect tokens: {@link IntrospectionOptions}, checked and with defaults. */
export interface IntrospectionSettings {
  /** The sides that it is for. */
  readonly sides: readonly Side[];
  /** The issuer that the endpoint belongs to, by the name at which its metadata is. */
  readonly issuer: string;
  /** Every spelling of it. */
  readonly issuers: readonly string[];
  readonly endpoint: URL | 'metadata';
  readonly clientId: string;
  readonly clientSecret: string;
  readonly authentication: NonNullable<IntrospectionOptions['authentication']>;
  readonly response: NonNullable<IntrospectionOptions['response']>;
  /** The audience that a response without `aud` implies. */
  readonly impliedAudience: string | undefined;
  /** The accepted algorithms of signed responses. */
  readonly algorithms: ReadonlySet<string>;
  readonly maxAgeMs: number;
  readonly timeoutMs: number;
}

interface IntrospectedSide {
  readonly issuer: string | readonly string[];
  readonly audience?: string | readonly string[] | undefined;
  readonly algorithms: readonly string[];
  readonly introspection?: CheckedIntrospection | undefined;
}

/** {@link IntrospectionOptions} with the defaults of the schema. */
type CheckedIntrospection = Required<Omit<IntrospectionOptions, 'endpoint'>> & { readonly endpoint?: URL | undefined };

/**
 * The endpoints to introspect at, the target's before the legacy one: a token of both sides then counts as it will
 * after the close. Two sides with the same request share one.
 */
export function introspectionSettings(
  legacy: IntrospectedSide,
  target: IntrospectedSide | undefined,
): readonly IntrospectionSettings[] {
  const endpoints: IntrospectionSettings[] = [];
  for (const [name, side] of [
    ['target', target],
    ['legacy', legacy],
  ] as const) {
    const settings = side === undefined ? undefined : settingsOf(name, side);
    if (settings === undefined) continue;
    const index = endpoints.findIndex((other) => isSameRequest(other, settings));
    const other = endpoints[index];
    if (other === undefined) endpoints.push(settings);
    else {
      const impliedAudience = other.impliedAudience ?? settings.impliedAudience;
      endpoints[index] = { ...other, sides: [...other.sides, name], impliedAudience };
    }
  }
  return endpoints;
}

function settingsOf(
  name: Side,
  { issuer, audience, algorithms, introspection }: IntrospectedSide,
): IntrospectionSettings | undefined {
  if (introspection === undefined) return undefined;
  const { endpoint = 'metadata', impliesAudience, maxAgeSeconds, ...rest } = introspection;
  const issuers = [issuer].flat();
  return {
    ...rest,
    sides: [name],
    issuer: issuers.find(isIssuerUrl) ?? (issuers[0] as string),
    issuers,
    endpoint,
    impliedAudience: impliesAudience ? [audience].flat()[0] : undefined,
    algorithms: new Set(algorithms),
    maxAgeMs: maxAgeSeconds * 1000,
  };
}

function isSameRequest(one: IntrospectionSettings, other: IntrospectionSettings): boolean {
  const requestOf = ({ sides, impliedAudience, algorithms, ...settings }: IntrospectionSettings): string =>
    JSON.stringify([Object.entries(settings).sort(), [...algorithms].sort()]);
  return requestOf(one) === requestOf(other);
}
