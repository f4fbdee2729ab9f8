import { createHash } from 'node:crypto';
import { type Clock, type DpopChallenge, UnavailableError } from '@crossfade/core';
import { createDpopKeys } from './dpop-keys.ts';
import { createDpopNonces, type DpopNonces } from './dpop-nonce.ts';
import type { DpopSettings } from './dpop-options.ts';
import { type DpopProof, verifyDpopProof } from './dpop-proof.ts';
import type { ReplayStore } from './replay-store.ts';

/** A request with DPoP proofs, and the key that its token is bound to. */
export interface DpopRequest {
  readonly method: string;
  readonly url: string | readonly string[];
  readonly token: string;
  /** Every value of the `DPoP` header. */
  readonly proofs: readonly string[];
  /** The thumbprint of the key that the token is bound to. */
  readonly key: string;
}

/** The result of checking a proof; `wrong_key` means a valid key that is not the token's. */
export type DpopResult = 'proven' | 'missing' | 'wrong_key' | NonNullable<DpopChallenge['error']>;

export interface DpopCheck {
  /** @throws `UnavailableError` when the replay store cannot tell whether the proof was used before. */
  prove(request: DpopRequest): Promise<DpopResult>;
  /** The challenge to send to a client. */
  challenge(error?: DpopChallenge['error']): DpopChallenge;
}

/** Checks DPoP proofs (RFC 9449 §4.3), and accepts each of them once. */
export function createDpopCheck(settings: DpopSettings, now: Clock): DpopCheck {
  const { algorithms, proofMaxAgeSeconds, clockToleranceSeconds, replay } = settings;
  const nonces: DpopNonces | undefined =
    settings.nonce === undefined ? undefined : createDpopNonces({ ...settings.nonce, now });
  const keys = createDpopKeys();
  const lifetimeSeconds = proofMaxAgeSeconds + clockToleranceSeconds;

  return {
    async prove({ proofs, ...request }) {
      const [proof, ...others] = proofs;
      if (proof === undefined) return 'missing';
      if (others.length > 0) return 'invalid_dpop_proof';
      const nowSeconds = now() / 1000;
      const time = { nowSeconds, maxAgeSeconds: proofMaxAgeSeconds, clockToleranceSeconds };
      const verified = await verifyDpopProof(proof, { ...request, ...time, algorithms }, keys);
      if (verified === 'wrong_key') return verified;
      if (verified === 'invalid') return 'invalid_dpop_proof';
      if (nonces !== undefined && !nonces.isRecent(verified.nonce ?? '')) return 'use_dpop_nonce';
      const ttlSeconds = Math.floor(verified.issuedAt + lifetimeSeconds - nowSeconds) + 1;
      return (await isFirstUse(replay, request.key, verified, ttlSeconds)) ? 'proven' : 'invalid_dpop_proof';
    },
    challenge: (error) => ({
      algorithms: [...algorithms],
      ...(error === undefined ? {} : { error }),
      ...(nonces === undefined ? {} : { nonce: nonces.current() }),
    }),
  };
}

/** Claims the key together with the `jti`, so that one client cannot use up the `jti` of another. */
async function isFirstUse(replay: ReplayStore, key: string, { id }: DpopProof, ttlSeconds: number): Promise<boolean> {
  try {
    return (await replay.claim(createHash('sha256').update(`${key} ${id}`).digest('base64url'), ttlSeconds)) === true;
  } catch (error) {
    if (error instanceof UnavailableError) throw error;
    throw new UnavailableError('the replay store cannot tell whether a proof was used before', { cause: error });
  }
}
