import { ConfigError, errorCode } from '@crossfade/core';

/**
 * Loads a module of ours that needs an optional peer.
 * @throws {@link ConfigError} that says what to install, when the peer is missing.
 */
export async function loadFor<T>(peer: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    if (errorCode(error) !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new ConfigError('plan', [{ path: 'flags.source', message: `appconfig needs ${peer}: npm install ${peer}` }]);
  }
}
