import { AUDIENCE_CLASSES, OUTCOMES, REJECTION_REASONS } from '@crossfade/core';
import { expected } from '@crossfade/core/schema';
import {
  DURATION_BOUNDS_SECONDS,
  JUDGEMENT_BATCH_VERSION,
  type JudgementBatchHead,
  type JudgementRecord,
} from '@crossfade/validator/collector';
import { z } from 'zod';

const oneOf = <const Names extends readonly [string, ...string[]]>(names: Names) =>
  z.enum(names, expected(`one of ${names.join(', ')}`));
const wholeNumber = (from: number) =>
  z.int(expected(`a whole number from ${from}`)).min(from, expected(`a whole number from ${from}`));
const nonNegative = z.number(expected('a number from 0')).min(0, expected('a number from 0'));

const SENDER = '16 to 64 of A-Z, a-z, 0-9, _ and -';
const NAME = '1 to 64 of A-Z, a-z, 0-9, _, ., : and -';

export const headSchema: z.ZodType<JudgementBatchHead> = z
  .strictObject(
    {
      version: z.literal(JUDGEMENT_BATCH_VERSION, expected(`${JUDGEMENT_BATCH_VERSION}: the only supported version`)),
      sender: z.string(expected(SENDER)).regex(/^[\w-]{16,64}$/, expected(SENDER)),
      sequence: wholeNumber(1),
      acknowledged: wholeNumber(0),
      name: z
        .string(expected(NAME))
        .regex(/^[\w.:-]{1,64}$/, expected(NAME))
        .exactOptional(),
      acceptance: oneOf(['legacy', 'both', 'target']),
      lost: wholeNumber(0),
      closing: z.literal(true, expected('true, or left out')).exactOptional(),
    },
    expected('an object: the head of the batch'),
  )
  .refine(({ sequence, acknowledged }) => acknowledged < sequence, {
    path: ['acknowledged'],
    error: 'must be below sequence',
  });

const MIGRATION_CLASSES = ['legacy', 'target', 'bridge'] as const;
const COUNTS = `a list of ${DURATION_BOUNDS_SECONDS.length + 1} counts`;
const CLIENT_ID = 'a client id of at most 256 characters';
const seen = { count: wholeNumber(1), ageMs: nonNegative };

export const recordSchema: z.ZodType<JudgementRecord> = z.discriminatedUnion(
  'kind',
  [
    z
      .strictObject({
        kind: z.literal('accepted'),
        audience: oneOf(MIGRATION_CLASSES),
        afterClose: oneOf(OUTCOMES),
        clientId: z.string(expected(CLIENT_ID)).max(256, expected(CLIENT_ID)).exactOptional(),
        others: z.literal(true, expected('true, or left out')).exactOptional(),
        issuedAt: nonNegative.exactOptional(),
        expiresAt: nonNegative,
        ...seen,
      })
      .refine(({ audience, clientId }) => audience === 'legacy' || clientId === undefined, {
        path: ['clientId'],
        error: 'must be left out: only clients of legacy tokens are named',
      }),
    z.strictObject({
      kind: z.literal('rejected'),
      audience: oneOf(AUDIENCE_CLASSES),
      reason: oneOf(REJECTION_REASONS),
      ...seen,
    }),
    z.strictObject({ kind: z.literal('unauthorized'), audience: oneOf(MIGRATION_CLASSES), ...seen }),
    z.strictObject({ kind: z.literal('unavailable'), ...seen }),
    z.strictObject({
      kind: z.literal('durations'),
      outcome: oneOf(OUTCOMES),
      counts: z.array(wholeNumber(0), expected(COUNTS)).length(DURATION_BOUNDS_SECONDS.length + 1, expected(COUNTS)),
      sumSeconds: nonNegative,
    }),
  ],
  expected('accepted, rejected, unauthorized, unavailable or durations'),
);
