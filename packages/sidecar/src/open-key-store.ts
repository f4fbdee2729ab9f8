import { join } from 'node:path';
import { errorCode } from '@crossfade/core';
import type { KeyStore } from '@crossfade/validator';
import { createFileKeyStore } from '@crossfade/validator/key-file';
import type { Log } from './process/log.ts';

/**
 * Opens the copy of the issuers' public keys in the state folder: a restart while an issuer is down is then no outage. What
 * is wrong with the copy is logged, each problem once: without a line an operator would learn of it in that outage.
 */
export function openKeyStore(stateFolder: string, log: Log): KeyStore {
  const store = createFileKeyStore(join(stateFolder, 'keys'));
  const logged = new Set<string>();

  function warn(error: unknown, what: string): void {
    const problem = error instanceof Error ? error.message : String(error);
    if (errorCode(error) === 'ENOENT' && what === LOADING) return;
    if (logged.has(what)) return;
    logged.add(what);
    log.warn({ event: 'key_store', problem }, what);
  }

  return {
    async load(issuer) {
      try {
        return await store.load(issuer);
      } catch (error) {
        warn(error, LOADING);
        throw error;
      }
    },
    async save(issuer, snapshot) {
      try {
        await store.save(issuer, snapshot);
      } catch (error) {
        warn(error, SAVING);
        throw error;
      }
    },
  };
}

const LOADING = 'the copy of the keys is not used: they are fetched';
const SAVING = 'the keys cannot be kept: a restart while the issuer is down would have none';
