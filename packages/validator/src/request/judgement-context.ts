import type { RequestProof, TokenScheme } from './request-proof.ts';

/** What the caller knows about the request a token came with. */
export interface JudgementContext {
  /** Scope values that this request needs, beyond what the side requires. */
  readonly scope?: readonly string[];
  /** The scheme that the token came with. Default: `Bearer`. */
  readonly scheme?: TokenScheme;
  /** What proves that the sender holds the key of a bound token. */
  readonly proof?: RequestProof;
}
