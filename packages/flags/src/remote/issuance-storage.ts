import type { PublishedIssuance } from '@crossfade/core/status';
import { readIssuance } from './read-issuance.ts';

/** What keeps the last good position across reloads: `localStorage`, or React Native's `AsyncStorage`. */
export interface IssuanceStorage {
  getItem(key: string): string | null | Promise<string | null>;
  setItem(key: string, value: string): unknown;
}

/** The stored position of one URL. A storage that throws or hangs is reported as a problem, and delays nothing. */
export interface StoredIssuance {
  /** Calls `onFound` with the stored position, at once where the storage is synchronous. Resolves when it was read. */
  restore(onFound: (issuance: PublishedIssuance) => void): Promise<void>;
  /** Stores a position that is not stored yet. Resolves when that has ended, successful or not. */
  store(issuance: PublishedIssuance): Promise<void>;
  /** What is wrong with the storage at the moment. */
  problem(): string | undefined;
}

export function createStoredIssuance(storage: IssuanceStorage | undefined, url: string): StoredIssuance {
  const key = `crossfade-issuance:${url}`;
  let stored: string | undefined;
  let problem: string | undefined;

  function use(text: string | null, onFound: (issuance: PublishedIssuance) => void): void {
    if (text === null) return;
    const issuance = readIssuance(text);
    if (typeof issuance === 'string') {
      problem = 'the stored position is damaged and not used';
      return;
    }
    stored = text;
    onFound(issuance);
  }

  return {
    async restore(onFound) {
      if (storage === undefined) return;
      try {
        const found = storage.getItem(key);
        if (found === null || typeof found === 'string') use(found, onFound);
        else use(await found, onFound);
      } catch {
        problem = 'the storage cannot be read';
      }
    },
    async store(issuance) {
      const text = JSON.stringify(issuance);
      if (storage === undefined || text === stored) return;
      stored = text;
      try {
        await storage.setItem(key, text);
        problem = undefined;
      } catch {
        stored = undefined;
        problem = 'the position is not stored: the storage refuses it';
      }
    },
    problem: () => problem,
  };
}
