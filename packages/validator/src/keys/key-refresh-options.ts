import { parseDurationMs } from '@crossfade/core';
import { z } from 'zod';
import { handedIn } from '../schema/custom-option.ts';
import type { KeySeed } from './key-store.ts';

/** How keys that are fetched from an issuer age. */
export interface KeyRefreshOptions {
  /**
   * From this age on, use makes for a fetch in the background, and a key that the issuer removed stops verifying as
   * soon as that has come back: a duration from `10s` to `24h`. Default: `10m`.
   */
  readonly after?: string;
  /**
   * For how long known keys go on verifying while the issuer can't be reached: a duration from `after` to `24h`, after
   * which there are none. Default: `24h`.
   */
  readonly staleFor?: string;
}

/** How long fetched keys serve, and where they outlive the process. */
export interface KeyRefreshSettings {
  readonly refreshAfterMs: number;
  readonly usableForMs: number;
  readonly seed?: KeySeed | undefined;
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
    { after: age.prefault('10m'), staleFor: age.prefault('24h') },
    { error: 'must be an object with after and staleFor' },
  )
  .refine(({ after, staleFor }) => after <= staleFor, {
    path: ['staleFor'],
    error: 'must not be shorter than after: keys would end before they are fetched again',
  })
  .transform(({ after, staleFor }) => ({ refreshAfterMs: after, usableForMs: staleFor }))
  .prefault({});

/** `keySeed` of the options. */
export const keySeedSchema = handedIn<KeySeed>(
  (value) => hasFunction(value, 'load') && hasFunction(value, 'save'),
  'must be an object with the functions load and save',
).optional();

function hasFunction(value: unknown, name: 'load' | 'save'): boolean {
  return typeof value === 'object' && value !== null && typeof Reflect.get(value, name) === 'function';
}
