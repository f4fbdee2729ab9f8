import { generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import type { MigrationPlan } from '@crossfade/core';

/** Tokens that look right and prove nothing: an API that takes one is open to anyone. */
export interface ForgedTokens {
  /** Signed with a key that no issuer publishes. */
  readonly foreignKey: string;
  /** With `alg: none` (RFC 8725 §3.1). */
  readonly unsigned: string;
}

/** Makes forged tokens of the target side, valid for a minute. Their subject names no person. */
export function forgeTokens({ target }: Pick<MigrationPlan, 'target'>, nowMs: number): ForgedTokens {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const iat = Math.floor(nowMs / 1000);
  const claims = {
    iss: target.issuer,
    ...(target.audience !== undefined && { aud: target.audience }),
    sub: 'crossfade-doctor',
    client_id: target.clientIds?.[0] ?? 'crossfade-doctor',
    ...(target.scope !== '' && { scope: target.scope }),
    iat,
    exp: iat + 60,
    jti: randomUUID(),
  };
  const signed = `${encode({ alg: 'ES256', typ: 'at+jwt', kid: 'crossfade-doctor' })}.${encode(claims)}`;
  const signature = sign('sha256', Buffer.from(signed), { key: privateKey, dsaEncoding: 'ieee-p1363' });
  return {
    foreignKey: `${signed}.${signature.toString('base64url')}`,
    unsigned: `${encode({ alg: 'none', typ: 'at+jwt' })}.${encode(claims)}.`,
  };
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}
