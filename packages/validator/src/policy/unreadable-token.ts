import { attachRejectedToken, classifyAudience, type RejectedJudgement } from '@crossfade/core';
import type { JsonObject } from '../jwt/strict-json.ts';
import { readAudiences, readClientId } from '../jwt/token-facts.ts';
import { NO_SIDE } from './policy-evaluation.ts';
import type { Policy } from './side-settings.ts';

/**
 * Rejects a *verified* token whose facts cannot be read, such as one without `exp`. Its class is still that of its
 * audience: an issuer of ours signed it, and an API that asks for less may accept it.
 */
export function rejectUnreadable(
  claims: JsonObject,
  { legacy, target }: Pick<Policy, 'legacy' | 'target'>,
  expired: boolean,
): RejectedJudgement {
  const clientId = readClientId(claims);
  const address = { issuer: String(claims['iss']), audiences: readAudiences(claims['aud']) ?? [], clientId };
  const audience = classifyAudience(address, { legacy: legacy.identity, target: target?.identity ?? NO_SIDE });
  const judgement: RejectedJudgement = { outcome: 'rejected', audience, reason: 'malformed_token' };
  return attachRejectedToken(judgement, {
    clientId,
    issuedAt: undefined,
    // The token does not say, or not readably.
    expiresAt: 0,
    expired,
    afterClose: 'rejected',
  });
}
