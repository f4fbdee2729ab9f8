import type { Problem } from '@crossfade/core';
import type { DialectRules, SelectableSide } from './dialect.ts';
import { scopeParameter } from './scope-dialect.ts';

/**
 * Auth0: the parameter `audience` names one API. It is required on both sides: without it a login gets the tenant's
 * default audience or an opaque token for /userinfo.
 * @see https://auth0.com/docs/secure/tokens/access-tokens/get-access-tokens
 */
export const auth0Dialect: DialectRules = {
  parameters: (side) => ({ ...scopeParameter(side), ...(side.audience !== undefined && { audience: side.audience }) }),
  problems({ audience, resource }) {
    const problems: Problem[] = [];
    if (typeof audience !== 'string' || audience === '') {
      problems.push({ path: 'audience', message: 'is required by Auth0: the identifier of the API' });
    }
    if (resource !== undefined && resource !== audience) {
      problems.push({ path: 'resource', message: 'is not sent to Auth0, which uses audience: leave it out' });
    }
    return problems;
  },
  pairProblems: differentAudience,
  conflict: (one, other) =>
    one.audience === other.audience ? undefined : 'an Auth0 request takes one audience: log in for each API',
};

function differentAudience(legacy: SelectableSide, target: SelectableSide): Problem[] {
  if (legacy.audience !== target.audience || legacy.issuer !== target.issuer) return [];
  return [{ path: 'target.audience', message: 'must be another API than that of legacy' }];
}
