import { AUDIENCE_CLASSES, DEPENDENCIES, OUTCOMES, REJECTION_REASONS, SIDES } from '@crossfade/core';
import { expected } from '@crossfade/core/schema';
import {
  DURATION_BOUNDS_SECONDS,
  type JudgementBatchHead,
  type JudgementRecord,
  READABLE_BATCH_VERSIONS,
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
      version: z.literal(
        READABLE_BATCH_VERSIONS,
        expected(`one of ${READABLE_BATCH_VERSIONS.join(', ')}: the supported versions`),
      ),
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
const owner = {
  afterClose: oneOf(OUTCOMES),
  clientId: z.string(expected(CLIENT_ID)).max(256, expected(CLIENT_ID)).exactOptional(),
  others: z.literal(true, expected('true, or left out')).exactOptional(),
  issuedAt: nonNegative.exactOptional(),
  expiresAt: nonNegative,
};
const rejection = {
  audience: oneOf(AUDIENCE_CLASSES),
  reason: oneOf(REJECTION_REASONS),
  token: z
    .strictObject(
      { ...owner, expired: z.boolean(expected('true or false')) },
      expected('an object: the verified token'),
    )
    .exactOptional(),
  ...seen,
};

export const recordSchema: z.ZodType<JudgementRecord> = z.discriminatedUnion(
  'kind',
  [
    z
      .strictObject({
        kind: z.literal('accepted'),
        audience: oneOf(MIGRATION_CLASSES),
        ...owner,
        ...seen,
      })
      .refine(({ audience, clientId }) => audience !== 'target' || clientId === undefined, {
        path: ['clientId'],
        error: 'must be left out: only clients of legacy and bridge tokens are named',
      }),
    z.strictObject({ kind: z.literal('rejected'), ...rejection }),
    z.strictObject({ kind: z.literal('disagreement'), ...rejection }),
    z.strictObject({
      kind: z.literal('response'),
      audience: oneOf(SIDES),
      response: oneOf(['accepted', 'unauthorized']),
      ...seen,
    }),
    z.strictObject({ kind: z.literal('unauthorized'), audience: oneOf(MIGRATION_CLASSES), ...seen }),
    z.strictObject({ kind: z.literal('unavailable'), cause: oneOf(DEPENDENCIES).exactOptional(), ...seen }),
    z.strictObject({
      kind: z.literal('durations'),
      outcome: oneOf(OUTCOMES),
      counts: z.array(wholeNumber(0), expected(COUNTS)).length(DURATION_BOUNDS_SECONDS.length + 1, expected(COUNTS)),
      sumSeconds: nonNegative,
    }),
  ],
  expected('accepted, rejected, disagreement, response, unauthorized, unavailable or durations'),
);
