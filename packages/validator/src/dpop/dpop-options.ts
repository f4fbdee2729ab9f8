import type { Clock } from '@crossfade/core';
import { SIGNATURE_ALGORITHMS, type SignatureAlgorithm } from '@crossfade/core';
import { customOption, expected } from '@crossfade/core/schema';
import { z } from 'zod';
import { createMemoryReplayStore } from './memory-replay-store.ts';
import type { ReplayStore } from './replay-store.ts';

/** How DPoP proofs are checked (RFC 9449). DPoP-bound tokens need a proof, with or without these options. */
export interface DpopOptions {
  /** Signature algorithms a proof may use; asymmetric ones only. Default: all of {@link SIGNATURE_ALGORITHMS}. */
  readonly algorithms?: readonly SignatureAlgorithm[];
  /** How long after its `iat` a proof is accepted, plus `clockToleranceSeconds`. From 1 to 600. Default: 60. */
  readonly proofMaxAgeSeconds?: number;
  /**
   * How far the clocks of clients and API may differ, for the times in a proof. The validator's `clockTolerance` is for
   * the times in a token, which is made by an issuer. From 0 to 300. Default: 5.
   */
  readonly clockToleranceSeconds?: number;
  /** Requires a server nonce in every proof (RFC 9449 §9), so that none can be made in advance. Absent: no nonce. */
  readonly nonce?: DpopNonceOptions;
  /**
   * Remembers used proofs. Default: in the memory of this process, up to 500,000. Several instances of an API need a
   * shared store, such as that of `@crossfade/validator/redis`; otherwise each of them accepts a proof once.
   */
  readonly replay?: ReplayStore;
}

/** Nonces are derived from a secret and the time: they are not stored, and instances with one secret share them. */
export interface DpopNonceOptions {
  /** At least 32 random characters, the same in every instance. */
  readonly secret: string;
  /** A nonce is valid for this long, and at most twice as long. From 10 to 3600. Default: 300. */
  readonly rotationSeconds?: number;
}

const ALGORITHMS = `a list of asymmetric signature algorithms: ${SIGNATURE_ALGORITHMS.join(', ')}`;
const MAX_AGE = 'a number of seconds from 1 to 600';
const TOLERANCE = 'a number of seconds from 0 to 300';
const SECRET = 'a secret of at least 32 characters, the same in every instance';
const ROTATION = 'a number of seconds from 10 to 3600';
const REPLAY = 'an object with claim(key, ttlSeconds)';

/** {@link DpopOptions} with defaults, except for the replay store. */
export const dpopSchema = z
  .strictObject(
    {
      algorithms: z
        .array(z.enum(SIGNATURE_ALGORITHMS, expected(ALGORITHMS)), expected(ALGORITHMS))
        .min(1, expected(ALGORITHMS))
        .default([...SIGNATURE_ALGORITHMS]),
      proofMaxAgeSeconds: z.number(expected(MAX_AGE)).min(1, expected(MAX_AGE)).max(600, expected(MAX_AGE)).default(60),
      clockToleranceSeconds: z
        .number(expected(TOLERANCE))
        .min(0, expected(TOLERANCE))
        .max(300, expected(TOLERANCE))
        .default(5),
      nonce: z
        .strictObject(
          {
            secret: z.string(expected(SECRET)).min(32, expected(SECRET)),
            rotationSeconds: z
              .number(expected(ROTATION))
              .min(10, expected(ROTATION))
              .max(3600, expected(ROTATION))
              .default(300),
          },
          expected('an object with secret'),
        )
        .optional(),
      replay: customOption<ReplayStore>(isReplayStore, REPLAY).optional(),
    },
    expected('an object with algorithms, proofMaxAgeSeconds, clockToleranceSeconds, nonce or replay'),
  )
  .prefault({});

function isReplayStore(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'claim' in value && typeof value.claim === 'function';
}

/** {@link DpopOptions}, checked and with defaults. */
export interface DpopSettings {
  readonly algorithms: ReadonlySet<string>;
  readonly proofMaxAgeSeconds: number;
  readonly clockToleranceSeconds: number;
  readonly nonce: { readonly secret: string; readonly rotationSeconds: number } | undefined;
  readonly replay: ReplayStore;
}

export function dpopSettings(checked: z.output<typeof dpopSchema>, now: Clock): DpopSettings {
  const { algorithms, proofMaxAgeSeconds, clockToleranceSeconds, nonce, replay } = checked;
  return {
    algorithms: new Set(algorithms),
    proofMaxAgeSeconds,
    clockToleranceSeconds,
    nonce,
    replay: replay ?? createMemoryReplayStore({ now }),
  };
}
