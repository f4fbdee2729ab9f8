import { expected, isSecureUrl } from '@crossfade/core/schema';
import { z } from 'zod';

/**
 * How the opaque tokens of one side are asked about (RFC 7662): tokens that are no JWT, whose issuer alone knows what
 * they say. A JWT is always verified here, whatever its side; nobody is asked about it.
 */
export interface IntrospectionOptions {
  /** An https URL (http on loopback only). Absent: `introspection_endpoint` of the issuer's metadata. */
  readonly endpoint?: URL | string;
  /** What this API is called at the issuer. */
  readonly clientId: string;
  readonly clientSecret: string;
  /** How the API proves who it is (RFC 6749 §2.3.1). Default: `client_secret_basic`. */
  readonly authentication?: 'client_secret_basic' | 'client_secret_post';
  /**
   * `jwt` asks for answers that the issuer signed for this API (RFC 9701), and takes nothing else. `json` asks for
   * plain ones; a signed answer that comes all the same is verified. Default: `json`.
   */
  readonly response?: 'json' | 'jwt';
  /**
   * `true`: the endpoint calls no token active that is meant for another audience, so an answer without `aud` stands
   * for this side's; it must then name an access token in `token_type`. Default: `false`, which refuses such an
   * answer with `wrong_audience`.
   */
  readonly impliesAudience?: boolean;
  /**
   * How long an answer may be used again, at most until the token expires: a revoked token may live on for as long.
   * From 0, which asks every time, to 3600. Default: 30.
   */
  readonly maxAgeSeconds?: number;
  /** After this long a question is given up, and the request answered 503. From 1 to 60,000. Default: 5000. */
  readonly timeoutMs?: number;
}

const MAX_AGE_SECONDS = 3600;
const MAX_TIMEOUT_MS = 60_000;

const ENDPOINT = 'an https URL without fragment (http on loopback only)';
const CREDENTIAL = 'what this API and the issuer agreed on';
const AUTHENTICATION = 'client_secret_basic or client_secret_post';
const MAX_AGE = `a number of seconds from 0 to ${MAX_AGE_SECONDS}: a revoked token lives on for as long`;
const TIMEOUT = `a whole number of milliseconds from 1 to ${MAX_TIMEOUT_MS}`;

const credential = z.string(expected(CREDENTIAL)).min(1, expected(CREDENTIAL));

/** The introspection options of one side, with their defaults filled in. */
export const introspectionSchema = z.strictObject(
  {
    endpoint: z
      .union([z.instanceof(URL), z.string()], expected(ENDPOINT))
      .refine((value) => isSecureUrl(value) && new URL(value).hash === '', expected(ENDPOINT))
      .transform((value) => new URL(value))
      .optional(),
    clientId: credential,
    clientSecret: credential,
    authentication: z
      .enum(['client_secret_basic', 'client_secret_post'], expected(AUTHENTICATION))
      .default('client_secret_basic'),
    response: z.enum(['json', 'jwt'], expected('json or jwt')).default('json'),
    impliesAudience: z.boolean(expected('true or false')).default(false),
    maxAgeSeconds: z
      .number(expected(MAX_AGE))
      .min(0, expected(MAX_AGE))
      .max(MAX_AGE_SECONDS, expected(MAX_AGE))
      .default(30),
    timeoutMs: z.int(expected(TIMEOUT)).min(1, expected(TIMEOUT)).max(MAX_TIMEOUT_MS, expected(TIMEOUT)).default(5000),
  },
  expected('an object with clientId and clientSecret'),
);

/** Whom to ask about opaque tokens, checked and with its defaults filled in. */
export interface IntrospectionSettings {
  /** The issuer in whose name the endpoint answers. */
  readonly issuer: string;
  readonly endpoint: URL | 'metadata';
  readonly clientId: string;
  readonly clientSecret: string;
  readonly authentication: NonNullable<IntrospectionOptions['authentication']>;
  readonly response: NonNullable<IntrospectionOptions['response']>;
  /** What an answer without `aud` stands for. */
  readonly impliedAudience: string | undefined;
  /** The algorithms of signed answers. */
  readonly algorithms: ReadonlySet<string>;
  readonly maxAgeMs: number;
  readonly timeoutMs: number;
}

interface Side {
  readonly issuer: string;
  readonly audience?: string | undefined;
  readonly algorithms: readonly string[];
  readonly introspection?: CheckedIntrospection | undefined;
}

/** {@link IntrospectionOptions} with the defaults of the schema. */
type CheckedIntrospection = Required<Omit<IntrospectionOptions, 'endpoint'>> & { readonly endpoint?: URL | undefined };

/**
 * Whom to ask, the target's endpoint before the legacy one: a token of both is then worth what it is worth after the
 * close. Two sides that would ask the same question ask it once.
 */
export function introspectionSettings(legacy: Side, target: Side | undefined): readonly IntrospectionSettings[] {
  const asked: IntrospectionSettings[] = [];
  for (const side of target === undefined ? [legacy] : [target, legacy]) {
    const settings = settingsOf(side);
    if (settings === undefined) continue;
    const twin = asked.findIndex((other) => isSameQuestion(other, settings));
    const other = asked[twin];
    if (other === undefined) asked.push(settings);
    else asked[twin] = { ...other, impliedAudience: other.impliedAudience ?? settings.impliedAudience };
  }
  return asked;
}

function settingsOf({ issuer, audience, algorithms, introspection }: Side): IntrospectionSettings | undefined {
  if (introspection === undefined) return undefined;
  const { endpoint = 'metadata', impliesAudience, maxAgeSeconds, ...rest } = introspection;
  return {
    ...rest,
    issuer,
    endpoint,
    impliedAudience: impliesAudience ? audience : undefined,
    algorithms: new Set(algorithms),
    maxAgeMs: maxAgeSeconds * 1000,
  };
}

function isSameQuestion(one: IntrospectionSettings, other: IntrospectionSettings): boolean {
  const question = ({ impliedAudience, algorithms, ...settings }: IntrospectionSettings): string =>
    JSON.stringify([Object.entries(settings).sort(), [...algorithms].sort()]);
  return question(one) === question(other);
}
