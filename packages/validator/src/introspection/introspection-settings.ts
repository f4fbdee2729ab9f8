import type { IntrospectionOptions } from './introspection-options.ts';

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
