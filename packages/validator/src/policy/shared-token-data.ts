import type { TokenFacts } from '../jwt/token-facts.ts';
import type { Standing } from './policy-evaluation.ts';

/** What a token has in common with the others that its client was given for the same purpose. */
export interface TokenGroup extends Pick<TokenFacts, 'clientId' | 'scope'> {
  readonly standing: Standing;
}
