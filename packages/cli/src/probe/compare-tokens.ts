import { printableName } from './decode-token.ts';
import { isWithin, type NestedClaim, pathKey, printablePath } from './nested-claims.ts';
import { isPersonalClaim } from './personal-claims.ts';
import type { TokenProfile } from './token-profile.ts';

/** Something that an API has today and would not have with the target token. */
export interface Loss {
  readonly what: 'audience' | 'kind' | 'subject' | 'client' | 'role' | 'scope' | 'claim' | 'type';
  /** The role, scope value or claim; the claim's name of the others. */
  readonly name: string;
  readonly detail: string;
}

/** What moving from one token to the other means for an API. Names only, never a value. */
export interface TokenComparison {
  readonly losses: readonly Loss[];
  /** What is different without being lost. */
  readonly notes: readonly string[];
  /** Data about a person, by claim name. */
  readonly personal: { readonly legacy: readonly string[]; readonly target: readonly string[] };
  /** Claims of the target token alone. */
  readonly gained: readonly string[];
}

/** Of the token itself (RFC 7519, RFC 9068 §2.2, and vendors' own): no API misses one of them. */
const PROTOCOL: ReadonlySet<string> = new Set(
  `iss sub aud exp iat nbf jti auth_time acr amr scope scp client_id azp appid cid azpacr appidacr typ type token_use token_type
   idtyp aut ver uti rh aio xms_ftd nonce at_hash c_hash s_hash origin_jti event_id gty cnf`.split(/\s+/),
);
/** What a login asks for; an API needs none of them (OpenID Connect Core §5.4, §11). */
const LOGIN_SCOPE: ReadonlySet<string> = new Set(['openid', 'profile', 'email', 'address', 'phone', 'offline_access']);

/**
 * Compares two tokens of one login.
 * @param needed - claims that the plan depends on, such as that of the denylist: their loss counts, whatever they are.
 */
export function compareTokens(
  legacy: TokenProfile,
  target: TokenProfile,
  needed: readonly string[] = [],
): TokenComparison {
  const roots = new Set([legacy.rolesClaim, target.rolesClaim]);
  const isCompared = (name: string) => needed.includes(name) || !(PROTOCOL.has(name) || roots.has(name));
  const personal = (profile: TokenProfile) =>
    [...profile.claims.keys()].filter((name) => isPersonalClaim(name) && !roots.has(name)).map(printableName);
  const names = [...legacy.claims.keys()].filter(isCompared);
  const nested = [legacy, target].map((profile) => profile.members.filter(isComparedMember(legacy, target)));
  const [before = [], after = []] = nested;
  const isPersonalMember = ({ path }: NestedClaim) => path.some(isPersonalSegment);
  const personalMembers = (members: readonly NestedClaim[]) =>
    members.filter(({ path }) => path.findIndex(isPersonalSegment) === path.length - 1).map(pathOf);
  return {
    losses: [
      ...kindLosses(target),
      ...audienceLosses(legacy, target),
      ...subjectLosses(legacy, target),
      ...missing('role', legacy.roles, target.roles, 'an API that checks this role refuses the caller'),
      ...missing(
        'scope',
        legacy.scope.filter((value) => !LOGIN_SCOPE.has(value)),
        target.scope,
        'an API that demands it responds 403 insufficient_scope',
      ),
      ...missing(
        'claim',
        names.filter((name) => needed.includes(name) || !isPersonalClaim(name)),
        [...target.claims.keys()],
        'an API that reads it finds nothing',
      ),
      ...names.flatMap((name) => typeLoss(name, legacy.claims.get(name), target.claims.get(name))),
      ...memberLosses(
        before.filter((member) => !isPersonalMember(member)),
        target,
      ),
    ],
    notes: [
      ...clientNotes(legacy, target),
      ...bindingNotes(legacy, target),
      ...personalNotes(personal(legacy), personal(target)),
      ...sizeNotes(legacy, target),
    ],
    personal: {
      legacy: [...personal(legacy), ...personalMembers(before)],
      target: [...personal(target), ...personalMembers(after)],
    },
    gained: [...target.claims.keys()].filter((name) => isCompared(name) && !legacy.claims.has(name)).map(printableName),
  };
}

function kindLosses({ kind }: TokenProfile): readonly Loss[] {
  if (kind === 'access' || kind === 'unmarked') return [];
  const what = kind === 'id' ? 'is an ID token' : 'is no access token';
  return [{ what: 'kind', name: 'target', detail: `the target token ${what}: no API should take it` }];
}

function audienceLosses(legacy: TokenProfile, target: TokenProfile): readonly Loss[] {
  const isSame = [...legacy.audiences].sort().join('\n') === [...target.audiences].sort().join('\n');
  if (!isSame || legacy.issuer !== target.issuer || legacy.audiences.length === 0) return [];
  const detail =
    'both tokens have the same aud: the provider minted its default audience for both; check scope and resource of the target side';
  return [{ what: 'audience', name: 'aud', detail }];
}

function subjectLosses(legacy: TokenProfile, target: TokenProfile): readonly Loss[] {
  const losses: Loss[] = [];
  if (legacy.subject !== undefined && legacy.subject !== target.subject) {
    const how = target.subject === undefined ? 'is missing' : 'is different';
    const detail = `${how} in the target token: an API that stores it no longer finds its user (or these are tokens of two users)`;
    losses.push({ what: 'subject', name: 'sub', detail });
  }
  if (legacy.clientId !== null && target.clientId === null) {
    losses.push({
      what: 'client',
      name: 'client_id',
      detail: 'the target token names no client: nothing can be allowed or counted by client',
    });
  }
  return losses;
}

function missing(
  what: Loss['what'],
  before: readonly string[],
  after: readonly string[],
  detail: string,
): readonly Loss[] {
  return before.filter((name) => !after.includes(name)).map((name) => ({ what, name: printableName(name), detail }));
}

/** Within a claim these name anything, such as a tenant or a region. */
const ANYTHING: ReadonlySet<string> = new Set(['name', 'profile', 'locale']);

function isPersonalSegment(name: string, index: number): boolean {
  return isPersonalClaim(name) && (index === 0 || !ANYTHING.has(name.toLowerCase()));
}

/** Protocol's own, and the roles, are compared elsewhere or by no API. */
function isComparedMember(legacy: TokenProfile, target: TokenProfile): (member: NestedClaim) => boolean {
  const roles = [legacy.rolesPath, target.rolesPath];
  return ({ path }) => !PROTOCOL.has(path[0] ?? '') && !roles.some((rolesPath) => isWithin(path, rolesPath));
}

/** Of an object that is gone, or is none any more, only the object itself is reported. */
function memberLosses(members: readonly NestedClaim[], target: TokenProfile): readonly Loss[] {
  const types = new Map(target.members.map(({ path, type }) => [pathKey(path), type]));
  for (const [name, type] of target.claims) types.set(pathKey([name]), type);
  const losses = members.flatMap(({ path, type }): readonly Loss[] => {
    if (types.get(pathKey(path.slice(0, -1))) !== 'object') return [];
    const after = types.get(pathKey(path));
    const name = pathOf({ path });
    return after === undefined
      ? [{ what: 'claim', name, detail: 'an API that reads it finds nothing' }]
      : typeLoss(name, type, after);
  });
  // Members whose keys may be data print alike.
  return [...new Map(losses.map((loss) => [`${loss.what} ${loss.name} ${loss.detail}`, loss])).values()];
}

function pathOf({ path }: Pick<NestedClaim, 'path'>): string {
  return printablePath(path, printableName);
}

function typeLoss(name: string, before: string | undefined, after: string | undefined): readonly Loss[] {
  if (before === undefined || after === undefined || before === after) return [];
  return [
    { what: 'type', name: printableName(name), detail: `was a ${before} and is a ${after}: what parses it may fail` },
  ];
}

function clientNotes(legacy: TokenProfile, target: TokenProfile): readonly string[] {
  const isOther = legacy.clientId !== null && target.clientId !== null && legacy.clientId !== target.clientId;
  return isOther ? ['the tokens are of two clients: compare tokens of one client, and of one user'] : [];
}

/** RFC 9449, RFC 8705: a bound token is worth nothing to a thief. */
function bindingNotes(legacy: TokenProfile, target: TokenProfile): readonly string[] {
  const [before, after] = [legacy.claims.has('cnf'), target.claims.has('cnf')];
  if (before === after) return [];
  return before
    ? ['the legacy token is bound to a key of its client (cnf), and the target token is not: a stolen one works']
    : ['the target token is bound to a key of its client (cnf): each API has to check its proof'];
}

function personalNotes(before: readonly string[], after: readonly string[]): readonly string[] {
  const gone = before.filter((name) => !after.includes(name));
  return gone.length === 0
    ? []
    : [`an API that reads ${gone.join(', ')} from the token has to ask userinfo or its own data: good, but a change`];
}

/** Node.js takes header sections of 16 KiB, nginx lines of 8 KiB. */
const LARGE_BYTES = 7168;

function sizeNotes(legacy: TokenProfile, target: TokenProfile): readonly string[] {
  if (target.bytes <= LARGE_BYTES || target.bytes <= legacy.bytes) return [];
  return [`the target token has ${target.bytes} bytes: many proxies take header lines of 8 KiB`];
}
