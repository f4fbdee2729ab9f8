import { ConfigError } from '@crossfade/core';

/**
 * Loads a module of ours that needs an optional peer.
 * @throws {@link ConfigError} that says what to install, when the peer is missing.
 */
export async function loadFor<T>(peer: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND';
    if (!isMissing) throw error;
    throw new ConfigError('plan', [{ path: 'flags.source', message: `appconfig needs ${peer}: npm install ${peer}` }]);
  }
}
