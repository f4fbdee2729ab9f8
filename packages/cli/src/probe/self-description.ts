import {
  type AudiencePair,
  classifyAudience,
  formatDuration,
  type MigrationPlan,
  type SidePlan,
} from '@crossfade/core';
import { MAX_TOKEN_BYTES } from '@crossfade/core/schema';
import { describeToken } from '@crossfade/validator/census';
import { decodeToken } from './decode-token.ts';

/**
 * Says how a JWT that cannot be verified compares with the plan, by what it says of itself: which side's issuer and audience,
 * which kind, expired or not. Names no value. Empty for an opaque token.
 */
export function describeItself(token: string, plan: MigrationPlan, nowMs: number): readonly string[] {
  const decoded = decodeToken(token);
  if (decoded === undefined) return [];
  const { kind, issuer, audiences, clientId } = describeToken(`Bearer ${token}`, MAX_TOKEN_BYTES);
  const pair = identitiesOf(plan);
  const ofIssuer = (['legacy', 'target'] as const).filter((side) => [pair[side].issuer].flat().includes(issuer ?? ''));
  const named = ofIssuer.length === 0 ? 'no issuer of the plan' : `the issuer of ${ofIssuer.join(' and ')}`;
  return [
    `iss is ${issuer === null ? 'missing' : named}`,
    `aud is ${audienceWords(classifyAudience({ issuer: issuer ?? '', audiences, clientId: clientId ?? undefined }, pair), ofIssuer.length > 0)}`,
    ...(kind === 'id'
      ? ['it is an ID token']
      : kind === 'other'
        ? ['it is neither an access token nor an ID token']
        : []),
    ...expiryWords(decoded.claims['exp'], nowMs),
  ];
}

function audienceWords(audience: ReturnType<typeof classifyAudience>, isOurs: boolean): string {
  if (!isOurs) return 'not compared, because an audience belongs to its issuer';
  if (audience === 'bridge') return 'that of both sides';
  return audience === 'foreign' ? 'that of neither side' : `that of the ${audience} side`;
}

function expiryWords(exp: unknown, nowMs: number): readonly string[] {
  if (typeof exp !== 'number') return ['exp is missing'];
  return exp * 1000 <= nowMs ? [`it expired ${formatDuration(nowMs - exp * 1000)} ago`] : [];
}

/** The identities of both sides, as a token is compared with them. */
export function identitiesOf({ legacy, target }: Pick<MigrationPlan, 'legacy' | 'target'>): AudiencePair {
  return { legacy: identityOf(legacy), target: identityOf(target) };
}

function identityOf({ issuer, issuers, audience, audiences, clientIds, withoutAudience, anyAudience }: SidePlan) {
  return { issuer: issuers ?? issuer, audience: audiences ?? audience, clientIds, withoutAudience, anyAudience };
}
