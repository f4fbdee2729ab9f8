import { ConfigError, isLoopbackHost, type Problem, parseDurationMs } from '@crossfade/core';
import { customOption, expected, isSecureUrl, schemaProblems, texts } from '@crossfade/core/schema';
import { z } from 'zod';
import { clientProblems } from '../provider/client-options.ts';
import type { ProviderOptions } from '../provider/provider-options.ts';
import { createMemorySessionStore } from '../session/memory-session-store.ts';
import type { SessionStore } from '../session/session-store.ts';
import type { BffOptions } from './bff.ts';

/** The options of a backend for browsers, checked and with their defaults. */
export interface BffSettings {
  /** An origin, without a slash at its end. */
  readonly publicUrl: string;
  readonly prefix: string;
  readonly store: SessionStore;
  readonly idleMs: number;
  readonly absoluteMs: number;
  /** Of the slower provider. */
  readonly providerTimeoutMs: number;
  readonly api: Readonly<Record<string, string>>;
  readonly apiTimeoutMs: number;
  readonly claims: readonly string[];
  readonly hasUserinfo: boolean;
  /** `undefined`: no silent login. */
  readonly silentSpreadMs: number | undefined;
}

type KeyOfEach<Options> = Options extends unknown ? keyof Options : never;

const PUBLIC_URL =
  'the https origin by which browsers reach the application, such as https://app.example.com, without a path (http on loopback only)';
const PREFIX = 'a path without a slash at its end, such as /auth';
const STORE = 'a session store: createMemorySessionStore or createRedisSessionStore creates one';
const API_URL = 'an http or https URL without credentials, query and fragment, such as https://orders.example.com/';
const FUNCTION = 'a function';
const DEFAULT_TIMEOUT_MS = 10_000;
const DEFAULT_API_TIMEOUT_MS = 60_000;
const MS = 'a number of ms above 0';
const METHODS = ['get', 'create', 'replace', 'delete', 'deleteWhere', 'lock'] as const;

const durationMs = (what: string) => {
  const rule = `a duration above 0, such as ${what}`;
  return z
    .string(expected(rule))
    .transform((text) => parseDurationMs(text) ?? 0)
    .refine((ms) => ms > 0, expected(rule));
};
const anyFunction = customOption<unknown>((value) => typeof value === 'function', FUNCTION).optional();
/** Its own check has the words for it. */
const checkedElsewhere = z.unknown().optional();

const optionsSchema = z.strictObject({
  publicUrl: z
    .string(expected(PUBLIC_URL))
    .refine(isPublicOrigin, expected(PUBLIC_URL))
    .transform((text) => text.replace(/\/$/, '')),
  prefix: z
    .string(expected(PREFIX))
    .regex(/^(?:\/[\w~-][\w.~-]*)+$/, expected(PREFIX))
    .default('/auth'),
  store: customOption<SessionStore>(isStore, STORE).optional(),
  session: z
    .strictObject({ idle: durationMs('24h').prefault('24h'), absolute: durationMs('30d').prefault('30d') })
    .refine(({ idle, absolute }) => idle <= absolute, {
      path: ['idle'],
      message: 'must not be longer than session.absolute',
    })
    .prefault({}),
  api: z
    .record(
      z.string().regex(/^\/(?:[\w.~-]+\/)+$/),
      z.string(expected(API_URL)).refine(isApiUrl, expected(API_URL)),
      expected('a URL for each path between slashes, such as { "/api/": "https://orders.example.com/" }'),
    )
    .default({}),
  apiTimeoutMs: z
    .int(expected(MS))
    .positive(expected(MS))
    .max(2 ** 31 - 1, expected(MS))
    .default(DEFAULT_API_TIMEOUT_MS),
  apiFetch: anyFunction,
  user: z
    .strictObject({
      claims: texts('the name of a claim').default(['sub']),
      userinfo: z.boolean(expected('true or false')).default(false),
    })
    .prefault({}),
  key: anyFunction,
  login: anyFunction,
  silentLogin: z
    .union(
      [z.literal(false), z.strictObject({ spread: durationMs('15m').prefault('15m') })],
      expected('false, or { spread: "15m" }'),
    )
    .prefault({}),
  issuance: anyFunction,
  page: anyFunction,
  issuer: checkedElsewhere,
  clientId: checkedElsewhere,
  clientSecret: checkedElsewhere,
  clientKey: checkedElsewhere,
  clientAuthentication: checkedElsewhere,
  assertionAudience: checkedElsewhere,
  dpop: checkedElsewhere,
  fetch: checkedElsewhere,
  allowInsecure: checkedElsewhere,
  timeoutMs: checkedElsewhere,
  providers: checkedElsewhere,
  selector: checkedElsewhere,
  acceptance: checkedElsewhere,
  onEvent: checkedElsewhere,
  now: checkedElsewhere,
} satisfies Record<KeyOfEach<BffOptions>, z.ZodType>);

/** @throws {@link ConfigError} with every problem of the options, those of the provider included. */
export function bffSettings(options: BffOptions): BffSettings {
  const parsed = optionsSchema.safeParse(options);
  const problems: Problem[] = parsed.success ? [] : schemaProblems(parsed.error, optionsSchema);
  problems.push(...clientProblems(options ?? {}));
  if (parsed.success) problems.push(...pathProblems(parsed.data));
  if (!parsed.success || problems.length > 0) throw new ConfigError('bff', problems);
  const { publicUrl, prefix, store, session, api, apiTimeoutMs, user, silentLogin } = parsed.data;
  return {
    publicUrl,
    prefix,
    store: store ?? createMemorySessionStore(options.now === undefined ? {} : { now: options.now }),
    idleMs: session.idle,
    absoluteMs: session.absolute,
    providerTimeoutMs: Math.max(...providersOf(options).map(({ timeoutMs }) => timeoutMs ?? DEFAULT_TIMEOUT_MS)),
    api,
    apiTimeoutMs,
    claims: user.claims,
    hasUserinfo: user.userinfo,
    silentSpreadMs: silentLogin === false ? undefined : silentLogin.spread,
  };
}

function providersOf(options: BffOptions): readonly ProviderOptions[] {
  return 'providers' in options ? [options.providers.legacy, options.providers.target] : [options];
}

function pathProblems({ prefix, api }: { readonly prefix: string; readonly api: Record<string, string> }): Problem[] {
  return Object.keys(api)
    .filter((path) => `${prefix}/`.startsWith(path) || path.startsWith(`${prefix}/`))
    .map((path) => ({ path: `api.${path}`, message: `must not overlap with the routes below ${prefix}` }));
}

function isPublicOrigin(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { origin, protocol, hostname } = new URL(text);
  const isSafe = protocol === 'https:' || (protocol === 'http:' && isLoopbackHost(hostname));
  return isSafe && text.replace(/\/$/, '') === origin;
}

function isApiUrl(text: string): boolean {
  return URL.canParse(text) && !/[?#\\\s]/.test(text) && isSecureUrl(text.replace(/^http:/, 'https:'));
}

function isStore(value: unknown): value is SessionStore {
  return METHODS.every((name) => typeof (value as Partial<SessionStore> | null)?.[name] === 'function');
}
