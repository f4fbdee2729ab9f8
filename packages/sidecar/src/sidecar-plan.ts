import { ConfigError, type MigrationPlan, type SidecarPlan } from '@crossfade/core';

/**
 * The plan's `sidecar` section.
 * @throws {@link ConfigError} when there is none, or it asks for what this version can't do.
 */
export function requireSidecarPlan({ sidecar }: MigrationPlan): SidecarPlan {
  if (sidecar === undefined) {
    throw new ConfigError('plan', [{ path: 'sidecar', message: 'is required: a mapping with service and upstream' }]);
  }
  if (sidecar.mode === 'collect') {
    throw new ConfigError('plan', [
      { path: 'sidecar.mode', message: 'collect is not in this version: use proxy or forward-auth' },
    ]);
  }
  return sidecar;
}
