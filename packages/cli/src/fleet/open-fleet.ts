import { ConfigError, type MigrationPlan } from '@crossfade/core';
import type { Fleet } from './fleet.ts';
import { createPrometheusFleet } from './prometheus-fleet.ts';
import { createSidecarFleet } from './sidecar-fleet.ts';

/** The meters that the plan names: Prometheus, else the listed sidecars, else the plan's own; `undefined` for none. */
export function openFleet(plan: MigrationPlan, signal: AbortSignal): Fleet | undefined {
  if (plan.gate.prometheus !== undefined) return createPrometheusFleet(plan.gate.prometheus, plan, signal);
  const urls = sidecarUrls(plan);
  return urls.length === 0 ? undefined : createSidecarFleet(urls, plan.migration, signal);
}

/** The admin URLs of the sidecars that the plan lists, or of its own one. */
export function sidecarUrls({ gate, sidecar }: Pick<MigrationPlan, 'gate' | 'sidecar'>): readonly string[] {
  return gate.sidecars ?? (sidecar === undefined ? [] : [adminUrl(sidecar.admin)]);
}

/** A wildcard address is where a server listens, not where it is asked. */
function adminUrl(address: string): string {
  return `http://${address.replace(/^0\.0\.0\.0:/, '127.0.0.1:').replace(/^\[::\]:/, '[::1]:')}`;
}

/** @throws `ConfigError` when the plan names no meters: then nobody can tell whether a move is safe. */
export function requireFleet(plan: MigrationPlan, signal: AbortSignal): Fleet {
  const fleet = openFleet(plan, signal);
  if (fleet !== undefined) return fleet;
  const message = 'names no meters: set prometheus, or sidecars with the admin URL of each one';
  throw new ConfigError('plan', [{ path: 'gate', message }]);
}
