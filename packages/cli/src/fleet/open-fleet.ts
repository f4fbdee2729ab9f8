import { ConfigError, type MigrationPlan } from '@crossfade/core';
import type { Fleet } from './fleet.ts';
import { createPrometheusFleet } from './prometheus-fleet.ts';
import { createSidecarFleet, distinctUrls } from './sidecar-fleet.ts';

/** Opens the fleet that the plan names: Prometheus, else the listed sidecars, else the plan's own; `undefined` for none. */
export function openFleet(plan: MigrationPlan, signal: AbortSignal): Fleet | undefined {
  if (plan.gate.prometheus !== undefined) return createPrometheusFleet(plan.gate.prometheus, plan, signal);
  const urls = sidecarUrls(plan);
  return urls.length === 0 ? undefined : createSidecarFleet(urls, plan.migration, signal);
}

/** Returns the admin URLs of the sidecars that the plan lists, each once, or of its own one. */
export function sidecarUrls({ gate, sidecar }: Pick<MigrationPlan, 'gate' | 'sidecar'>): readonly string[] {
  return distinctUrls(gate.sidecars ?? (sidecar === undefined ? [] : [adminUrl(sidecar.admin)]));
}

/** Replaces a wildcard address, where a server listens, by a loopback address to connect to. */
function adminUrl(address: string): string {
  return `http://${address.replace(/^0\.0\.0\.0:/, '127.0.0.1:').replace(/^\[::\]:/, '[::1]:')}`;
}

/** @throws `ConfigError` when the plan names no meters: without them no move is known to be safe. */
export function requireFleet(plan: MigrationPlan, signal: AbortSignal): Fleet {
  const fleet = openFleet(plan, signal);
  if (fleet !== undefined) return fleet;
  const message = 'names no meters: set prometheus, or sidecars with the admin URL of each one';
  throw new ConfigError('plan', [{ path: 'gate', message }]);
}
