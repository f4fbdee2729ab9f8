import { ConfigError, errorCode } from '@crossfade/core';

/**
 * Imports a module that needs an optional peer dependency.
 * @throws {@link ConfigError} when the peer is missing; says what to install.
 */
export async function importPeer<T>(peer: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    if (errorCode(error) !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new ConfigError('plan', [{ path: 'flags.source', message: `appconfig needs ${peer}: npm install ${peer}` }]);
  }
}

/** @throws {@link ConfigError} always: a typing mistake must not open another store. */
export function refuseSource(source: string): never {
  throw new ConfigError('plan', [{ path: 'flags.source', message: `must be file, appconfig or agent, not ${source}` }]);
}
