import type { SignatureAlgorithm } from '../jwt/signature-algorithm.ts';
import type { ReplayStore } from './replay-store.ts';

/** How DPoP proofs are checked (RFC 9449). Tokens that are bound to a DPoP key need one, with or without options. */
export interface DpopOptions {
  /** Signature algorithms a proof may use; asymmetric ones only. Default: all of {@link SIGNATURE_ALGORITHMS}. */
  readonly algorithms?: readonly SignatureAlgorithm[];
  /** How long after its `iat` a proof counts, beside `clockTolerance`. From 1 to 600. Default: 60. */
  readonly proofMaxAgeSeconds?: number;
  /** Asks for a nonce of ours in every proof (RFC 9449 §9), so that none can be made in advance. Absent: none. */
  readonly nonce?: DpopNonceOptions;
  /**
   * Remembers used proofs. Default: in the memory of this process, 500,000 at a time. Several instances of an API need
   * one that they share, such as that of `@crossfade/validator/redis`: else each of them takes a proof once.
   */
  readonly replay?: ReplayStore;
}

/** Nonces follow from a secret and the time: nobody stores them, and instances with one secret agree on them. */
export interface DpopNonceOptions {
  /** At least 32 characters that nobody can guess, the same in every instance. */
  readonly secret: string;
  /** A nonce is good for this long and at most as long again. From 10 to 3600. Default: 300. */
  readonly rotationSeconds?: number;
}
