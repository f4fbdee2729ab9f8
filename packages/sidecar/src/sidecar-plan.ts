import { ConfigError, type MigrationPlan, type SidecarPlan } from '@crossfade/core';
import { isLoopback, isSocket } from './collect/listen-address.ts';

/**
 * The plan's `sidecar` section.
 * @throws {@link ConfigError} when there is none, or it lets strangers send judgements.
 */
export function requireSidecarPlan({ sidecar }: MigrationPlan): SidecarPlan {
  if (sidecar === undefined) {
    throw new ConfigError('plan', [{ path: 'sidecar', message: 'is required: a mapping with service and upstream' }]);
  }
  const { mode, admin, listen } = sidecar;
  if (mode === 'collect' && !isLoopback(admin) && !isSocket(listen)) {
    const message = `${admin} would let anybody send judgements: use loopback, or take them at a Unix socket (listen: unix:/run/crossfade.sock)`;
    throw new ConfigError('plan', [{ path: 'sidecar.admin', message }]);
  }
  return sidecar;
}
