import { ConfigError, type MigrationPlan } from '@crossfade/core';
import { createPrometheusApi } from '../prometheus/prometheus-api.ts';
import { displayUrl } from '../verb/http-json.ts';
import type { Fleet } from './fleet.ts';
import { createPrometheusFleet } from './prometheus-fleet.ts';
import type { SidecarAccess } from './read-sidecar.ts';
import { createSidecarFleet, distinctUrls } from './sidecar-fleet.ts';

/** Opens the fleet that the plan names: Prometheus, else the listed sidecars, else the plan's own; `undefined` for none. */
export function openFleet(plan: MigrationPlan, access: SidecarAccess): Fleet | undefined {
  if (plan.gate.prometheus !== undefined)
    return createPrometheusFleet(createPrometheusApi(plan.gate.prometheus, access.signal), plan);
  const urls = sidecarUrls(plan);
  return urls.length === 0 ? undefined : createSidecarFleet(urls, plan.migration, access);
}

/** Returns the admin URLs of the sidecars that the plan lists, each once, or of its own one. */
function sidecarUrls({ gate, sidecar }: Pick<MigrationPlan, 'gate' | 'sidecar'>): readonly string[] {
  return distinctUrls(gate.sidecars ?? (sidecar === undefined ? [] : [adminUrl(sidecar.admin)]));
}

/** How to ask every sidecar where the gate asks Prometheus. */
const LIST_SIDECARS =
  'give --config a copy of the plan that has gate.sidecars, the admin or metrics URL of each one, in place of gate.prometheus';

/** @throws `ConfigError` when the plan names no sidecar to ask for a list. */
export function requireSidecarUrls(plan: Pick<MigrationPlan, 'gate' | 'sidecar'>): readonly string[] {
  const urls = sidecarUrls(plan);
  if (urls.length > 0) return urls;
  const remedy =
    plan.gate.prometheus === undefined ? 'set gate.sidecars with the admin or metrics URL of each one' : LIST_SIDECARS;
  throw new ConfigError('plan', [{ path: 'gate', message: `names no sidecar: ${remedy}` }]);
}

/**
 * Says that a list is partial, and how to get the rest; `undefined` where every sidecar is asked. Prometheus has numbers
 * and no lists, so where the gate asks it, only the plan's own sidecar is asked for one.
 */
export function partialNote({ gate, sidecar }: Pick<MigrationPlan, 'gate' | 'sidecar'>): string | undefined {
  if (gate.prometheus === undefined || sidecar === undefined) return undefined;
  const asked = displayUrl(adminUrl(sidecar.admin));
  return `only ${asked} was asked, as Prometheus has no lists. Set CROSSFADE_SIDECAR_ADMIN=host:port to ask another sidecar, or ${LIST_SIDECARS}`;
}

/** Replaces a wildcard address, where a server listens, by a loopback address to connect to. */
function adminUrl(address: string): string {
  return `http://${address.replace(/^0\.0\.0\.0:/, '127.0.0.1:').replace(/^\[::\]:/, '[::1]:')}`;
}

/** @throws `ConfigError` when the plan names no meters: without them no move is known to be safe. */
export function requireFleet(plan: MigrationPlan, access: SidecarAccess): Fleet {
  const fleet = openFleet(plan, access);
  if (fleet !== undefined) return fleet;
  const message = 'names no meters: set prometheus, or sidecars with the admin or metrics URL of each one';
  throw new ConfigError('plan', [{ path: 'gate', message }]);
}
