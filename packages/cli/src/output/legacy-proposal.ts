import type { SidePlan } from '@crossfade/core';
import { MAX_TOKEN_BYTES } from '@crossfade/core/schema';
import type { CensusRow } from '../fleet/census.ts';
import type { LegacySetting, ProposedSettings } from '../json/evidence-json.ts';
import { isIssuer, isName, planProblems } from './plan-problems.ts';

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
  /** Those with verified signatures first, then the most frequent one first. A plan takes each of them. */
  readonly candidates: readonly [LegacyCandidate, ...LegacyCandidate[]];
  /** The client ids that this issuer's tokens name, sorted; absent while tokens arrive that hide theirs. */
  readonly clients?: readonly string[];
  /** The longest of these tokens. */
  readonly maxBytes: number;
}

/** An issuer that tokens name, and the requests that do. */
export interface NamedIssuer {
  readonly issuer: string;
  readonly count: number;
}

/** The side that the plan has already: its tokens are not legacy. */
type TargetSide = Pick<
  SidePlan,
  'issuer' | 'issuers' | 'audience' | 'audiences' | 'clientIds' | 'withoutAudience' | 'keys'
>;

/** Only these are access tokens, or may be. */
const KINDS: readonly string[] = ['access', 'unmarked'];
/** Access tokens of a user pool have no `aud`, and always a client. */
const COGNITO = /^https:\/\/cognito-idp\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?\//;

/**
 * Proposes what legacy is, from what arrives; `undefined` while no access token does whose issuer a plan takes.
 * @param target the plan's target side, if it has one: legacy is something else.
 */
export function proposeLegacy(rows: readonly CensusRow[], target?: TargetSide): LegacyProposal | undefined {
  const tokens = rows.filter(isUsable);
  const [first, ...others] = candidatesOf(tokens).filter((candidate) => isTaken(candidate, target));
  if (first === undefined) return undefined;
  const own = tokens.filter(({ issuer }) => issuer === first.issuer);
  const clients = knownClients(
    first.issuer,
    rows.filter(({ issuer }) => issuer === first.issuer),
  );
  return {
    candidates: [first, ...others],
    ...(clients !== undefined && { clients }),
    maxBytes: Math.max(...own.map(({ maxBytes }) => maxBytes)),
  };
}

/** The issuers of access tokens that no plan takes as they are, the most frequent first. */
export function refusedIssuers(rows: readonly CensusRow[]): readonly NamedIssuer[] {
  const counts = new Map<string, number>();
  for (const { issuer, kind, count } of rows) {
    if (issuer === null || issuer === '' || !KINDS.includes(kind)) continue;
    counts.set(issuer, (counts.get(issuer) ?? 0) + count);
  }
  const named = [...counts].map(([issuer, count]) => ({ issuer, count }));
  return named.filter(({ issuer }) => !isIssuer(issuer)).sort((one, other) => other.count - one.count);
}

type UsableRow = CensusRow & { readonly issuer: string };

function isUsable(row: CensusRow): row is UsableRow {
  return row.issuer !== null && KINDS.includes(row.kind);
}

/** Whether a plan takes a candidate, once its clients are listed. */
function isTaken(candidate: LegacyCandidate, target: TargetSide | undefined): boolean {
  if (!isIssuer(candidate.issuer)) return false;
  const sides = { legacy: legacySetting(candidate), ...(target !== undefined && { target: targetSetting(target) }) };
  return planProblems({ ...sides, clients: [] }).length === 0;
}

/** A parsed side as a plan writes it: what tells it from other sides. */
function targetSetting(target: TargetSide): Record<string, unknown> {
  const { issuer, issuers = issuer, audience, audiences = audience, clientIds, withoutAudience, keys } = target;
  return { issuer: issuers, audience: audiences, clientIds, withoutAudience, keys };
}

function candidatesOf(rows: readonly UsableRow[]): LegacyCandidate[] {
  const found = [...new Set(rows.map(({ issuer }) => issuer))].flatMap((issuer) => {
    const own = rows.filter((row) => row.issuer === issuer);
    return [...audienceCandidates(issuer, own), ...nameless(issuer, own)];
  });
  const ranked = found.map(({ covered, ...candidate }) => ({
    candidate: { ...candidate, count: sum(covered) },
    isVerified: covered.some(isVerified),
  }));
  ranked.sort(
    (one, other) => Number(other.isVerified) - Number(one.isVerified) || other.candidate.count - one.candidate.count,
  );
  return ranked.map(({ candidate }) => candidate);
}

/** Anyone can have made the tokens of the other rows, as many as they like. */
function isVerified({ signature }: CensusRow): boolean {
  return signature === 'verified';
}

type Covering = Omit<LegacyCandidate, 'count'> & { readonly covered: readonly UsableRow[] };

/** A companion says nothing about this API while it comes with another audience; alone it is one like any other. */
function audienceCandidates(issuer: string, rows: readonly UsableRow[]): Covering[] {
  const names = [...new Set(rows.flatMap(({ audiences }) => audiences))].filter(isName);
  const comesAlone = (audience: string) =>
    rows.some(({ audiences }) => audiences.includes(audience) && audiences.every((one) => isCompanion(one, issuer)));
  const own = names.filter((audience) => !isCompanion(audience, issuer) || comesAlone(audience));
  return (own.length > 0 ? own : names).map((audience) => ({
    issuer,
    identity: { audience },
    covered: rows.filter(({ audiences }) => audiences.includes(audience)),
  }));
}

/** Auth0 and others add the userinfo endpoint, Keycloak `account` and its clients' default. */
function isCompanion(audience: string, issuer: string): boolean {
  return (
    audience === 'account' || audience === 'realm-management' || audience === `${issuer.replace(/\/$/, '')}/userinfo`
  );
}

function nameless(issuer: string, rows: readonly UsableRow[]): Covering[] {
  const covered = rows.filter(({ audiences }) => audiences.every((audience) => audience === ''));
  if (covered.length === 0) return [];
  const clientIds = clientsOf(covered);
  const identity = COGNITO.test(issuer) && clientIds.length > 0 ? { clientIds } : ({ withoutAudience: true } as const);
  return [{ issuer, identity, covered }];
}

/**
 * The clients of an issuer, from its rows; `undefined` where they would be a part of them, or none. A plan without clients
 * takes them for unknown, but an incomplete list for complete: ID tokens of the others would pass.
 */
function knownClients(issuer: string, rows: readonly CensusRow[]): readonly string[] | undefined {
  if (rows.some((row) => hidesClient(issuer, row))) return undefined;
  const verified = rows.filter(isVerified);
  const clients = clientsOf(verified.length > 0 ? verified : rows);
  return clients.length > 0 ? clients : undefined;
}

/** Whether a token may be of a client that it does not name, by an audience that may be that client's id. */
function hidesClient(issuer: string, { kind, clientId, audiences }: CensusRow): boolean {
  if (kind === 'rest') return true;
  if (clientId !== null && isName(clientId)) return false;
  return audiences.some((audience) => audience !== '' && needsClients(issuer, audience));
}

function needsClients(issuer: string, audience: string): boolean {
  return planProblems({ legacy: { issuer, audience } }).length > 0;
}

function clientsOf(rows: readonly CensusRow[]): readonly string[] {
  const ids = rows.flatMap(({ clientId }) => (clientId === null || !isName(clientId) ? [] : [clientId]));
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
export function legacySetting({ issuer, identity }: LegacyCandidate): LegacySetting {
  return { issuer, ...identity };
}

const DEFAULT_MAX_TOKEN_BYTES = 16_384;

/** Returns the settings that the proposal adds to a plan. */
export function proposedSettings({ candidates: [first], clients, maxBytes }: LegacyProposal): ProposedSettings {
  return {
    legacy: legacySetting(first),
    ...(clients !== undefined && { clients }),
    ...(maxBytes > DEFAULT_MAX_TOKEN_BYTES && { maxTokenBytes: roundUp(maxBytes) }),
  };
}

/** Room for a token that is a little longer than any that arrived, within what a plan takes. */
function roundUp(bytes: number): number {
  return Math.min(Math.ceil((bytes * 1.25) / 4096) * 4096, MAX_TOKEN_BYTES);
}

const LIST_CLIENTS =
  '# clients: list the client ids of this issuer, or [] if no audience is one; some tokens do not name theirs\n';

/** Writes a proposal as YAML, with a comment where a person has to add something. */
export function proposalYaml(proposal: LegacyProposal): string {
  return settingsYaml(proposedSettings(proposal)) + (proposal.clients === undefined ? LIST_CLIENTS : '');
}

/** Writes settings as YAML; JSON texts are YAML texts (YAML 1.2 §1.3). */
export function settingsYaml(settings: Readonly<Record<string, unknown>>, indent = ''): string {
  return Object.entries(settings)
    .map(([name, value]) => {
      if (Array.isArray(value)) return `${indent}${name}: [${value.map(yamlScalar).join(', ')}]\n`;
      if (typeof value === 'object' && value !== null)
        return `${indent}${name}:\n${settingsYaml(value as Record<string, unknown>, `${indent}  `)}`;
      return `${indent}${name}: ${yamlScalar(value)}\n`;
    })
    .join('');
}

/** Only what no YAML reads as anything but a text goes without quotes. */
const PLAIN = /^(?:https?:\/\/[\w./-]+|[a-z][\w.-]*[\w])$/i;
const WORDS = /^(?:true|false|null|yes|no|on|off|y|n|infinity|nan)$/i;

/** Writes one value as YAML. */
export function yamlScalar(value: unknown): string {
  if (typeof value === 'string' && PLAIN.test(value) && !WORDS.test(value)) return value;
  return JSON.stringify(value);
}
