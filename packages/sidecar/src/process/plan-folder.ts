import { resolve } from 'node:path';
import type { ObservationPlan } from '@crossfade/core';

/** Makes the relative paths of a plan absolute: they start at the plan's own folder, wherever the program was started. */
export function resolvePlanPaths(plan: ObservationPlan, folder: string): ObservationPlan {
  const { flags, sidecar } = plan;
  const absolute = (path: string) => resolve(folder, path);
  return {
    ...plan,
    flags: flags.source === 'file' ? { ...flags, path: absolute(flags.path) } : flags,
    ...(sidecar !== undefined && {
      sidecar: {
        ...sidecar,
        ...(sidecar.tlsCert !== undefined && { tlsCert: absolute(sidecar.tlsCert) }),
        ...(sidecar.tlsKey !== undefined && { tlsKey: absolute(sidecar.tlsKey) }),
        ...(sidecar.upstreamCa !== undefined && { upstreamCa: absolute(sidecar.upstreamCa) }),
      },
    }),
  };
}
