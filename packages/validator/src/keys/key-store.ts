import { customOption } from '@crossfade/core/schema';
import type { JSONWebKeySet } from './key-set.ts';

/** The public keys of an issuer as they were last fetched. */
export interface KeySnapshot {
  readonly jwks: JSONWebKeySet;
  /** Milliseconds since the epoch. A snapshot is no more use than keys of that age in memory. */
  readonly fetchedAtMs: number;
}

/**
 * Where an issuer's keys outlive the process, so that one that starts while the issuer is down can still verify.
 * Whoever can write there can sign for the issuer. Errors are ignored: a seed can only help.
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
