import { parseDurationMs } from '@crossfade/core';
import { z } from 'zod';
import type { KeyStore } from './key-store.ts';

/** When keys fetched from an issuer are refreshed, and when they expire. */
export interface KeyRefreshOptions {
  /**
   * From this age on, using the keys starts a fetch in the background. A key that the issuer removed stops verifying
   * when that fetch completes. The issuer's `Cache-Control` may say earlier, down to `10s`, and never later. A duration
   * from `10s` to `24h`. Default: `10m`.
   */
  readonly refreshAfter?: string;
  /**
   * How long known keys verify while the issuer is unreachable: a duration from `refreshAfter` to `24h`. Default:
   * `24h`.
   */
  readonly maxAge?: string;
}

/** {@link KeyRefreshOptions} in milliseconds, and the store that keeps keys across restarts. */
export interface KeyRefreshSettings {
  readonly refreshAfterMs: number;
  readonly maxAgeMs: number;
  readonly store?: KeyStore | undefined;
}

const [LEAST_MS, MOST_MS] = [10_000, 86_400_000];
const AGE = 'a duration from 10s to 24h, such as 10m';

const age = z
  .string({ error: `must be ${AGE}` })
  .transform((duration) => parseDurationMs(duration) ?? Number.NaN)
  .refine((ms) => ms >= LEAST_MS && ms <= MOST_MS, { error: `must be ${AGE}` });

/** `keyRefresh` of the options, with its defaults. */
export const keyRefreshSchema = z
  .strictObject(
    { refreshAfter: age.prefault('10m'), maxAge: age.prefault('24h') },
    { error: 'must be an object with refreshAfter and maxAge' },
  )
  .refine(({ refreshAfter, maxAge }) => refreshAfter <= maxAge, {
    path: ['maxAge'],
    error: 'must not be shorter than refreshAfter: keys would expire before they are fetched again',
  })
  .transform(({ refreshAfter, maxAge }) => ({ refreshAfterMs: refreshAfter, maxAgeMs: maxAge }))
  .prefault({});
