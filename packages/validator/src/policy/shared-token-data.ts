import type { TokenFacts } from '../jwt/token-facts.ts';
import type { PolicyEvaluation } from './policy-evaluation.ts';

/** What a token has in common with other tokens of its client and scope. */
export interface SharedTokenData extends Pick<TokenFacts, 'clientId' | 'scope'> {
  readonly evaluation: PolicyEvaluation;
}
