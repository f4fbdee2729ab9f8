import { ConfigError, type ObservationPlan, requireSides, type SidecarPlan } from '@crossfade/core';
import { isLoopback, isSocket } from './collect/listen-address.ts';

/**
 * Returns the plan's `sidecar` section.
 * @throws {@link ConfigError} when it is missing, or when other machines could send judgements.
 */
export function requireSidecarPlan(plan: ObservationPlan): SidecarPlan {
  const { sidecar } = plan;
  if (sidecar === undefined) {
    throw new ConfigError('plan', [{ path: 'sidecar', message: 'is required: a mapping with service and upstream' }]);
  }
  const { mode, admin, listen } = sidecar;
  if (mode === 'collect' && !isLoopback(admin) && !isSocket(listen)) {
    const message = `must be on loopback in collect mode, but is ${admin}: any client could send judgements. Use loopback, or receive judgements at a Unix socket (listen: unix:/run/crossfade.sock)`;
    throw new ConfigError('plan', [{ path: 'sidecar.admin', message }]);
  }
  if (mode !== 'proxy' || sidecar.judge !== 'observe')
    requireSides(plan, `sidecar.mode: ${mode} and sidecar.judge: ${sidecar.judge}`);
  return sidecar;
}
