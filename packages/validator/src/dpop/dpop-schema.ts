import { z } from 'zod';
import { SIGNATURE_ALGORITHMS } from '../jwt/signature-algorithm.ts';
import { handedIn } from '../schema/custom-option.ts';
import { must } from '../schema/expected.ts';
import type { ReplayStore } from './replay-store.ts';

const ALGORITHMS = `a list of asymmetric signature algorithms: ${SIGNATURE_ALGORITHMS.join(', ')}`;
const MAX_AGE = 'a number of seconds from 1 to 600';
const SECRET = 'a secret of at least 32 characters, the same in every instance';
const ROTATION = 'a number of seconds from 10 to 3600';
const REPLAY = 'an object with claim(key, ttlSeconds)';

/** The DPoP options of a validator, with their defaults filled in but for the replay store. */
export const dpopSchema = z
  .strictObject(
    {
      algorithms: z
        .array(z.enum(SIGNATURE_ALGORITHMS, must(ALGORITHMS)), must(ALGORITHMS))
        .min(1, must(ALGORITHMS))
        .default([...SIGNATURE_ALGORITHMS]),
      proofMaxAgeSeconds: z.number(must(MAX_AGE)).min(1, must(MAX_AGE)).max(600, must(MAX_AGE)).default(60),
      nonce: z
        .strictObject(
          {
            secret: z.string(must(SECRET)).min(32, must(SECRET)),
            rotationSeconds: z.number(must(ROTATION)).min(10, must(ROTATION)).max(3600, must(ROTATION)).default(300),
          },
          must('an object with secret'),
        )
        .optional(),
      replay: handedIn<ReplayStore>(isReplayStore, must(REPLAY).error).optional(),
    },
    must('an object with algorithms, proofMaxAgeSeconds, nonce or replay'),
  )
  .prefault({});

function isReplayStore(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'claim' in value && typeof value.claim === 'function';
}
