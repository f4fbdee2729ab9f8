import type { KeySnapshot, KeyStore } from '@crossfade/validator';

/** Hands the keys that one validator fetched to the next one, so that an issuer is asked once for a whole verb. */
export function createKeyMemory(): KeyStore {
  const known = new Map<string, KeySnapshot>();
  return {
    load: (issuer) => known.get(issuer),
    save(issuer, snapshot) {
      known.set(issuer, snapshot);
    },
  };
}
