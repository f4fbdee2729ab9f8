import { type Clock, formatDuration, type MigrationPlan, type SidePlan, UnavailableError } from '@crossfade/core';
import { isIssuerUrl } from '@crossfade/core/schema';
import { reportKeySet } from '@crossfade/validator';
import { z } from 'zod';
import { displayUrl, getJson, type HttpJson } from '../verb/http-json.ts';
import { type Finding, fail, pass, warn } from './finding.ts';

const metadataSchema = z.looseObject({ issuer: z.string(), jwks_uri: z.url({ protocol: /^https?$/ }) });
/** A `Date` header has whole seconds, and its response took a while to arrive. */
const DATE_GRAIN_MS = 2000;

/** What the plan says of an issuer and its keys. */
export type IssuerPlan = Pick<SidePlan, 'issuer' | 'issuers' | 'keys'>;

interface IssuerTools {
  readonly clockToleranceMs: number;
  readonly now: Clock;
  readonly signal: AbortSignal;
}

/**
 * The issuers of a plan, as a validator sees them: sides that share a spelling share the issuer and its keys, whichever of
 * them names the keys.
 */
export function issuersOf({ legacy, target }: Pick<MigrationPlan, 'legacy' | 'target'>): readonly IssuerPlan[] {
  const [ofLegacy, ofTarget] = [spellingsOf(legacy), spellingsOf(target)];
  if (!ofLegacy.some((name) => ofTarget.includes(name))) return [target, legacy];
  const keys = target.keys ?? legacy.keys;
  const issuers = [...new Set([...ofTarget, ...ofLegacy])];
  return [{ issuer: target.issuer, issuers, ...(keys !== undefined && { keys }) }];
}

function spellingsOf({ issuer, issuers }: IssuerPlan): readonly string[] {
  return issuers ?? [issuer];
}

/** What an issuer publishes, as far as it could be read, and what was found. */
export interface IssuerExamination {
  readonly name: string;
  readonly findings: readonly Finding[];
  /** Its JSON Web Key Set. */
  readonly keys?: unknown;
  /** Absent where the plan names the keys, so that no metadata is read. */
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** Checks an issuer as a validator uses it: its keys where the plan names them, else its metadata, keys and clock. */
export async function examineIssuer(issuer: IssuerPlan, tools: IssuerTools): Promise<IssuerExamination> {
  const { keys } = issuer;
  if (keys === undefined) return examineMetadata(spellingsOf(issuer), tools);
  const name = displayName(issuer.issuer);
  if (typeof keys === 'string') return fetchAndExamineKeys(name, keys, tools.signal);
  if ('url' in keys) return fetchAndExamineKeys(name, keys.url, tools.signal);
  return { name, findings: [examineKeys(name, keys)], keys };
}

/** An issuer whose keys are given may have any name. */
function displayName(issuer: string): string {
  return isIssuerUrl(issuer) ? displayUrl(issuer) : issuer;
}

/** A validator looks for metadata at the first spelling that is an https URL; the metadata may name any of them. */
async function examineMetadata(
  names: readonly string[],
  { clockToleranceMs, now, signal }: IssuerTools,
): Promise<IssuerExamination> {
  const issuer = names.find(isIssuerUrl) ?? (names[0] as string);
  const response = await fetchMetadata(issuer, signal);
  const name = displayUrl(issuer);
  if (response instanceof UnavailableError) {
    const remedy = 'check the issuer in the plan, the network, and the provider';
    return { name, findings: [fail('metadata', `${name} ${response.message}`, remedy)] };
  }
  const clock = examineClock(name, response, now(), clockToleranceMs);
  const metadata = metadataSchema.safeParse(response.body);
  if (!metadata.success) {
    const finding = fail(
      'metadata',
      `${name} returns metadata without issuer or jwks_uri`,
      'check the issuer in the plan',
    );
    return { name, findings: [finding, ...clock] };
  }
  if (!names.includes(metadata.data.issuer)) {
    const action = 'copy the issuer from the metadata into the plan exactly, including any trailing slash';
    return { name, findings: [fail('metadata', `${name}: the metadata names another issuer`, action), ...clock] };
  }
  const reachable = pass('metadata', `${name} is reachable, and its metadata names the same issuer`);
  const examined = await fetchAndExamineKeys(name, metadata.data.jwks_uri, signal);
  return { ...examined, metadata: metadata.data, findings: [reachable, ...examined.findings, ...clock] };
}

/** OpenID Connect Discovery first, then RFC 8414 §3, as the validator does. */
async function fetchMetadata(issuer: string, signal: AbortSignal): Promise<HttpJson | UnavailableError> {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/$/, '');
  const discovery = await tryGet(`${origin}${path}/.well-known/openid-configuration`, signal);
  if (!(discovery instanceof UnavailableError)) return discovery;
  const metadata = await tryGet(`${origin}/.well-known/oauth-authorization-server${path}`, signal);
  return metadata instanceof UnavailableError ? discovery : metadata;
}

async function tryGet(url: string, signal: AbortSignal): Promise<HttpJson | UnavailableError> {
  try {
    return await getJson(url, signal);
  } catch (error) {
    if (error instanceof UnavailableError) return error;
    throw error;
  }
}

async function fetchAndExamineKeys(name: string, jwksUri: string, signal: AbortSignal): Promise<IssuerExamination> {
  const response = await tryGet(jwksUri, signal);
  if (response instanceof UnavailableError) {
    const detail = `the keys of ${name}: ${displayUrl(jwksUri)} ${response.message}`;
    return { name, findings: [fail('keys', detail, 'allow this network to reach the key endpoint')] };
  }
  return { name, findings: [examineKeys(name, response.body)], keys: response.body };
}

/** Reads the keys as a validator does. Keys for encryption are usual beside those for signatures. */
function examineKeys(name: string, published: unknown): Finding {
  const { usable, flaws } = reportKeySet(published);
  const unusable = [...new Set(flaws)];
  if (usable.length === 0) {
    const reason = unusable.length === 0 ? '' : `: ${count(flaws)} fetched, none usable: ${unusable.join(', ')}`;
    return fail(
      'keys',
      `${name} publishes no key that verifies signatures${reason}`,
      'make the provider sign access tokens with a published key',
    );
  }
  const weaknesses = unusable.filter((flaw) => flaw !== 'use is not sig');
  if (weaknesses.length > 0) {
    return warn(
      'keys',
      `${name} publishes keys that cannot be used: ${weaknesses.join(', ')}`,
      'make the provider sign access tokens with another key: a token of such a key is rejected (unknown_key)',
    );
  }
  if (usable.length > 1 && usable.includes(undefined)) {
    return warn(
      'keys',
      `${name} publishes ${usable.length} keys, some without a kid`,
      'make the provider set a kid on every key',
    );
  }
  return pass(
    'keys',
    `${name} publishes ${usable.length} ${usable.length === 1 ? 'key that verifies' : 'keys that verify'} signatures`,
  );
}

function count({ length }: readonly string[]): string {
  return length === 1 ? '1 key was' : `${length} keys were`;
}

function examineClock(name: string, { dateMs }: HttpJson, nowMs: number, toleranceMs: number): Finding[] {
  if (dateMs === null) return [];
  const skewMs = Math.abs(nowMs - dateMs);
  if (skewMs <= toleranceMs + DATE_GRAIN_MS) return [pass('clock', `this clock agrees with the one of ${name}`)];
  const detail = `this clock and the one of ${name} differ by about ${formatDuration(skewMs)}; the plan tolerates ${formatDuration(toleranceMs)}`;
  return [warn('clock', detail, 'synchronise the clocks: an API that is as far off rejects fresh tokens')];
}
