import { createHash } from 'node:crypto';
import { type MigrationPlan, SIDES, type SignatureAlgorithm } from '@crossfade/core';
import type { IssuerExamination } from './examine-issuer.ts';
import { type Finding, pass, warn } from './finding.ts';

interface PublishedKey {
  readonly issuer: string;
  readonly kid: string | undefined;
  readonly kty: string;
  readonly crv: string | undefined;
  readonly alg: string | undefined;
  /** Names the key itself, whatever its kid (RFC 7638, without its canonical form for every type). */
  readonly thumbprint: string;
}

/** Checks the keys of all issuers together: one kid for one key, and keys for every algorithm that the plan allows. */
export function examineKeySets(
  issuers: readonly Pick<IssuerExamination, 'name' | 'keys'>[],
  plan: Pick<MigrationPlan, 'legacy' | 'target'>,
): readonly Finding[] {
  const keys = issuers.flatMap(({ name, keys: published }) => readKeys(name, published));
  if (keys.length === 0) return [];
  return [...examineKeyIds(keys), ...examineAlgorithms(keys, plan)];
}

function readKeys(issuer: string, published: unknown): readonly PublishedKey[] {
  const list = (published as { readonly keys?: unknown } | undefined)?.keys;
  if (!Array.isArray(list)) return [];
  return list.flatMap((entry: unknown) => {
    if (typeof entry !== 'object' || entry === null) return [];
    const key = entry as Readonly<Record<string, unknown>>;
    const text = (name: string) => (typeof key[name] === 'string' ? key[name] : undefined);
    const kty = text('kty');
    if (kty === undefined || kty === 'oct' || text('use') === 'enc') return [];
    const content = ['kty', 'crv', 'n', 'e', 'x', 'y'].map((name) => text(name) ?? '').join(' ');
    const thumbprint = createHash('sha256').update(content).digest('hex');
    return [{ issuer, kid: text('kid'), kty, crv: text('crv'), alg: text('alg'), thumbprint }];
  });
}

/** An issuer's kid is its own: a library that looks in one list by kid alone takes the wrong key. */
function examineKeyIds(keys: readonly PublishedKey[]): readonly Finding[] {
  const findings = [...groupByKid(keys).values()].flatMap((same) => {
    const distinct = new Set(same.map(({ thumbprint }) => thumbprint));
    if (distinct.size < 2) return [];
    const issuers = [...new Set(same.map(({ issuer }) => issuer))];
    const [first] = issuers;
    return [
      issuers.length > 1
        ? warn(
            'key_ids',
            `${issuers.join(' and ')} publish different keys with one kid`,
            'see that every API looks for keys by issuer first (Crossfade does), or have the provider rename a key',
          )
        : warn(
            'key_ids',
            `${first} publishes ${distinct.size} different keys with one kid`,
            'have the provider give each key a kid of its own (RFC 7517 §4.5)',
          ),
    ];
  });
  return findings.length > 0 ? findings : [pass('key_ids', `each kid names one key, among ${keys.length} keys`)];
}

function groupByKid(keys: readonly PublishedKey[]): ReadonlyMap<string, readonly PublishedKey[]> {
  const groups = new Map<string, PublishedKey[]>();
  for (const key of keys) {
    if (key.kid === undefined) continue;
    groups.set(key.kid, [...(groups.get(key.kid) ?? []), key]);
  }
  return groups;
}

/** Finds algorithms that a side allows and that no published key can have signed with. */
function examineAlgorithms(
  keys: readonly PublishedKey[],
  plan: Pick<MigrationPlan, 'legacy' | 'target'>,
): readonly Finding[] {
  return SIDES.flatMap((side) => {
    const { algorithms, introspection } = plan[side];
    if (algorithms === undefined || introspection !== undefined) return [];
    const unused = algorithms.filter((algorithm) => !keys.some((key) => canSign(key, algorithm)));
    if (unused.length === 0)
      return [pass('algorithms', `${side}: the issuer has a key for each of ${algorithms.join(', ')}`)];
    return [
      warn(
        'algorithms',
        `${side}.algorithms allows ${unused.join(', ')}, and no published key signs with it`,
        'take it out of the plan, unless the provider is about to change its keys',
      ),
    ];
  });
}

const CURVES: Readonly<Record<string, string>> = {
  ES256: 'P-256',
  ES384: 'P-384',
  ES512: 'P-521',
  ES256K: 'secp256k1',
};

function canSign({ kty, crv, alg }: PublishedKey, algorithm: SignatureAlgorithm): boolean {
  if (alg !== undefined) return alg === algorithm || (alg === 'EdDSA' && algorithm === ('Ed25519' as string));
  if (/^[RP]S/.test(algorithm)) return kty === 'RSA';
  if (algorithm.startsWith('ES')) return kty === 'EC' && crv === CURVES[algorithm];
  return kty === 'OKP' || kty === 'AKP';
}
