import { z } from 'zod';
import { expected, isObject } from '../schema/expected.ts';
import { UNVERIFIED_REASONS } from '../vocabulary/rejection-reason.ts';
import { duration, httpUrl, splitList } from './plan-field.ts';
import { prometheusSchema } from './prometheus-schema.ts';

const COVERAGE = 'a number above 0, up to 1';
const SIDECARS = 'a list of admin URLs';
const LEAST_BLIND_MS = 180_000;
const ACKNOWLEDGED = `a list of reasons of tokens that cannot be verified: ${UNVERIFIED_REASONS.join(', ')}`;

/** The plan's `gate` section. */
export const gateSchema = z
  .strictObject({
    silence: duration.prefault('24h'),
    coverage: z
      .preprocess(
        (value) => (typeof value === 'string' && value.trim() !== '' ? Number(value) : value),
        z.number(expected(COVERAGE)).gt(0, expected(COVERAGE)).max(1, expected(COVERAGE)),
      )
      .prefault(0.99),
    blind: duration
      .refine((ms) => ms >= LEAST_BLIND_MS, {
        error: 'must be at least 3m: a shorter gap cannot be told from a late scrape',
      })
      .prefault('5m'),
    soak: duration.optional(),
    prometheus: prometheusSchema.optional(),
    sidecars: z.preprocess(splitList, z.array(httpUrl, expected(SIDECARS)).min(1, expected(SIDECARS))).optional(),
    acknowledged: z
      .preprocess(splitList, z.array(z.enum(UNVERIFIED_REASONS, expected(ACKNOWLEDGED)), expected(ACKNOWLEDGED)))
      .optional(),
  })
  .refine((value) => value.prometheus === undefined || value.sidecars === undefined, {
    when: ({ value }) => isObject(value),
    path: ['sidecars'],
    error: 'must be left out where prometheus is set: the gate reads one of them',
  })
  .transform(({ silence, blind, soak, ...rest }) => ({
    ...rest,
    silenceMs: silence,
    blindMs: blind,
    ...(soak !== undefined && { soakMs: soak }),
  }));
