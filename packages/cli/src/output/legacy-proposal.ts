import { ConfigError, describeProblem, parseObservationPlan } from '@crossfade/core';
import type { CensusRow } from '../fleet/census.ts';

/** A side that the legacy tokens may have: one issuer, and what its tokens are known by. */
export interface LegacyCandidate {
  readonly issuer: string;
  readonly identity:
    | { readonly audience: string }
    | { readonly clientIds: readonly string[] }
    | { readonly withoutAudience: true };
  /** The requests whose token it covers. */
  readonly count: number;
}

export interface LegacyProposal {
  /** The most frequent one first. */
  readonly candidates: readonly [LegacyCandidate, ...LegacyCandidate[]];
  /** The client ids that this issuer's tokens name, sorted. */
  readonly clients: readonly string[];
  /** The longest of these tokens. */
  readonly maxBytes: number;
}

/** Only these are access tokens, or may be. */
const KINDS: readonly string[] = ['access', 'unmarked'];
/** A sidecar cuts what is too long: a part of a name is no name. */
const isWhole = (text: string) => !text.endsWith('…') && !text.includes('\uFFFD');
/** Whether a plan takes a text as an audience or a client id: anyone can have made it up. */
const isName = (text: string) => isWhole(text) && planProblems({ clients: [text] }).length === 0;

/** The least plan that a proposal fits into. */
const OBSERVING = {
  version: 1,
  migration: 'census',
  flags: { source: 'file', path: 'flags.json' },
  sidecar: { service: 'census', upstream: 'http://127.0.0.1' },
};

/** What a plan with these settings would still need, in the plan's own words. */
export function planProblems(settings: Readonly<Record<string, unknown>>): readonly string[] {
  try {
    parseObservationPlan({ ...OBSERVING, ...settings });
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(describeProblem);
  }
}

/** Access tokens of a user pool have no `aud`, and always a client. */
const COGNITO = /^https:\/\/cognito-idp\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?\//;

/** Proposes what legacy is, from what arrives; `undefined` while no access token does that names its issuer. */
export function proposeLegacy(rows: readonly CensusRow[]): LegacyProposal | undefined {
  const tokens = rows.filter(isUsable);
  const [first, ...others] = candidatesOf(tokens);
  if (first === undefined) return undefined;
  const own = tokens.filter(({ issuer }) => issuer === first.issuer);
  return {
    candidates: [first, ...others],
    clients: clientsOf(rows.filter(({ issuer }) => issuer === first.issuer)),
    maxBytes: Math.max(...own.map(({ maxBytes }) => maxBytes)),
  };
}

type UsableRow = CensusRow & { readonly issuer: string };

function isUsable(row: CensusRow): row is UsableRow {
  return row.issuer !== null && row.issuer !== '' && isWhole(row.issuer) && KINDS.includes(row.kind);
}

function candidatesOf(rows: readonly UsableRow[]): LegacyCandidate[] {
  const candidates = [...new Set(rows.map(({ issuer }) => issuer))].flatMap((issuer) => {
    const own = rows.filter((row) => row.issuer === issuer);
    return [...audienceCandidates(issuer, own), ...nameless(issuer, own)];
  });
  return candidates.sort((one, other) => other.count - one.count);
}

/** An audience that never comes alone while another one does is a companion: it says nothing about this API. */
function audienceCandidates(issuer: string, rows: readonly UsableRow[]): LegacyCandidate[] {
  const names = [...new Set(rows.flatMap(({ audiences }) => audiences))].filter(isName);
  const counted = names.map((audience) => ({
    issuer,
    identity: { audience },
    count: sum(rows.filter(({ audiences }) => audiences.includes(audience))),
    isCompanion: isCompanion(audience, issuer),
  }));
  const own = counted.filter((candidate) => !candidate.isCompanion);
  return (own.length > 0 ? own : counted).map(({ isCompanion: _, ...candidate }) => candidate);
}

/** Auth0 and others add the userinfo endpoint, Keycloak `account` and its clients' default. */
function isCompanion(audience: string, issuer: string): boolean {
  return (
    audience === 'account' || audience === 'realm-management' || audience === `${issuer.replace(/\/$/, '')}/userinfo`
  );
}

function nameless(issuer: string, rows: readonly UsableRow[]): LegacyCandidate[] {
  const own = rows.filter(({ audiences }) => audiences.every((audience) => audience === ''));
  if (own.length === 0) return [];
  const clientIds = clientsOf(own);
  const identity = COGNITO.test(issuer) && clientIds.length > 0 ? { clientIds } : ({ withoutAudience: true } as const);
  return [{ issuer, identity, count: sum(own) }];
}

function clientsOf(rows: readonly CensusRow[]): readonly string[] {
  const ids = rows.flatMap(({ clientId }) =>
    clientId === null || clientId === '' || !isName(clientId) ? [] : [clientId],
  );
  return [...new Set(ids)].sort();
}

function sum(rows: readonly CensusRow[]): number {
  return rows.reduce((total, { count }) => total + count, 0);
}

/** The candidates that look like the proposed one in another spelling: a slash more, or an App ID URI for its GUID. */
export function spellingsOf({ candidates: [first, ...others] }: LegacyProposal): readonly LegacyCandidate[] {
  return others.filter((candidate) => spelling(candidate) === spelling(first));
}

function spelling({ issuer, identity }: LegacyCandidate): string {
  const bare = (text: string) =>
    text
      .toLowerCase()
      .replace(/^api:\/\//, '')
      .replace(/\/$/, '');
  const name = 'audience' in identity ? bare(identity.audience) : JSON.stringify(identity);
  return JSON.stringify([bare(issuer), name]);
}

/** Returns a candidate as the plan writes it. */
export function legacySetting({ issuer, identity }: LegacyCandidate): Record<string, unknown> {
  return { issuer, ...identity };
}

const DEFAULT_MAX_TOKEN_BYTES = 16_384;

/** Returns the settings that the proposal adds to a plan. */
export function proposedSettings({ candidates: [first], clients, maxBytes }: LegacyProposal): Record<string, unknown> {
  return {
    legacy: legacySetting(first),
    clients,
    ...(maxBytes > DEFAULT_MAX_TOKEN_BYTES && { maxTokenBytes: roundUp(maxBytes) }),
  };
}

/** Room for a token that is a little longer than any that arrived. */
function roundUp(bytes: number): number {
  return Math.ceil((bytes * 1.25) / 4096) * 4096;
}

/** Writes settings as YAML; JSON texts are YAML texts (YAML 1.2 §1.3). */
export function settingsYaml(settings: Readonly<Record<string, unknown>>, indent = ''): string {
  return Object.entries(settings)
    .map(([name, value]) => {
      if (Array.isArray(value)) return `${indent}${name}: [${value.map(scalar).join(', ')}]\n`;
      if (typeof value === 'object' && value !== null)
        return `${indent}${name}:\n${settingsYaml(value as Record<string, unknown>, `${indent}  `)}`;
      return `${indent}${name}: ${scalar(value)}\n`;
    })
    .join('');
}

/** Only what no YAML reads as anything but a text goes without quotes. */
const PLAIN = /^(?:https?:\/\/[\w./-]+|[a-z][\w.-]*[\w])$/i;
const WORDS = /^(?:true|false|null|yes|no|on|off|y|n|infinity|nan)$/i;

function scalar(value: unknown): string {
  if (typeof value === 'string' && PLAIN.test(value) && !WORDS.test(value)) return value;
  return JSON.stringify(value);
}
