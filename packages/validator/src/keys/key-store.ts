import { customOption } from '@crossfade/core/schema';
import type { JSONWebKeySet } from './key-set.ts';

/** The public keys of an issuer as they were last fetched. */
export interface KeySnapshot {
  readonly jwks: JSONWebKeySet;
  /** Milliseconds since the epoch. `keyRefresh` applies to a snapshot as to keys in memory. */
  readonly fetchedAtMs: number;
}

/**
 * Keeps an issuer's keys across restarts, so that a process that starts while the issuer is down can verify tokens. An
 * attacker with write access can sign for the issuer. Errors are ignored: the keys are then fetched.
 */
export interface KeyStore {
  /** Called once for each issuer, before the first fetch. */
  load(issuer: string): Promise<KeySnapshot | undefined> | KeySnapshot | undefined;
  /** Called after each fetch. */
  save(issuer: string, snapshot: KeySnapshot): Promise<void> | void;
}

/** `keyStore` of the options. */
export const keyStoreSchema = customOption<KeyStore>(
  (value) => hasFunction(value, 'load') && hasFunction(value, 'save'),
  'an object with the functions load and save',
).optional();

function hasFunction(value: unknown, name: 'load' | 'save'): boolean {
  return typeof value === 'object' && value !== null && typeof Reflect.get(value, name) === 'function';
}
