import type { TokenFacts } from '../jwt/token-facts.ts';
import type { TokenGroup } from '../policy/shared-token-data.ts';

/** An opaque token that its issuer called active, and for how long its word counts. */
export interface IntrospectedToken {
  readonly facts: TokenFacts;
  readonly group: TokenGroup;
  /** When the question left: what the answer says was true no earlier. */
  readonly askedAtMs: number;
  /** From then on the issuer is asked again. Never after the token's own end. */
  readonly holdsUntilMs: number;
  /** Of what the issuer said. */
  readonly bytes: number;
}
