import type { Standing } from './standing.ts';
import type { TokenFacts } from './token-facts.ts';

/** What a token has in common with the others that its client was given for the same purpose. */
export interface TokenGroup extends Pick<TokenFacts, 'clientId' | 'scope'> {
  readonly standing: Standing;
}
